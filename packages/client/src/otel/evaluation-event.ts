import type { Assignment, AssignmentReason } from '@fairtrial/protocol'

/** The attributes of an event, by the conventions of OpenTelemetry for feature flags (1.44). */
export type EventAttributes = { [name: string]: string | number | boolean }

/** What the conventions call a reason of ours; `experiment.reason` says it in our own words. */
const REASONS: { readonly [Reason in AssignmentReason]: string } = {
  assigned: 'split',
  overridden: 'targeting_match',
  'no-consent': 'default',
  'held-out': 'default',
  'outside-layer': 'default',
  'not-eligible': 'default',
  'outside-traffic': 'default',
  aborted: 'disabled',
  stopped: 'disabled',
  shipped: 'static',
  'stale-state': 'stale',
  'no-state': 'error',
  'client-closed': 'error',
  'no-unit-id': 'error',
  'invalid-unit-id': 'error',
  'wrong-unit-type': 'error',
  'definition-mismatch': 'error',
  'invalid-definition': 'error',
}

const ERRORS: { readonly [Reason in AssignmentReason]?: string } = {
  'no-state': 'provider_not_ready',
  'client-closed': 'provider_not_ready',
  'no-unit-id': 'targeting_key_missing',
  'invalid-unit-id': 'invalid_context',
  'wrong-unit-type': 'invalid_context',
  'definition-mismatch': 'general',
  'invalid-definition': 'parse_error',
}

/** What may be told of an arm. The unit, `feature_flag.context.id`, only where it is asked for. */
export function attributesOf(arm: Omit<Assignment, 'config'>, withUnitId: boolean): EventAttributes {
  const { experiment, variant, reason, fingerprint, phase, revision, unitId } = arm
  const attributes: EventAttributes = {
    'feature_flag.key': experiment,
    'feature_flag.provider.name': 'fairtrial',
    'feature_flag.result.reason': REASONS[reason] ?? 'unknown',
    'feature_flag.version': `${fingerprint.slice(0, 12)}/${phase}/${revision}`,
    'experiment.reason': reason,
  }
  if (variant !== null) attributes['feature_flag.result.variant'] = variant
  const error = ERRORS[reason]
  if (error !== undefined) attributes['error.type'] = error
  if (withUnitId && unitId !== null) attributes['feature_flag.context.id'] = unitId
  return attributes
}

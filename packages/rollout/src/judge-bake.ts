import { durationMs } from '@fairtrial/protocol'
import { type Case, hasLookedSince } from './evidence.ts'
import { binding } from './guardrail-reading.ts'
import { holdFor } from './judge-doubt.ts'
import { absences } from './missing-evidence.ts'
import { winnersOf } from './primaries.ts'
import type { Verdict } from './verdict.ts'
import { sayDuration } from './words.ts'

/**
 * What has shipped is watched on: for the time of the plan, against a holdback. At its end every guardrail is inside its
 * margin and nothing is worse, or it is held, and aborted when that lasts: it fails closed. No horizon ends a bake.
 */
export function judgeBake(given: Case): Verdict {
  const { experiment, state, evaluation, audit, readings, now } = given
  const { shippedVariant, trafficPercent } = state
  if (shippedVariant === null)
    return holdFor(given, 'missing-evidence', ['The bake does not say of what it is.'])
  const { bake } = experiment.ramp
  const length = bake === undefined ? 0 : durationMs(bake.for)
  const lasted = now - state.stageStartedAt
  const absent = absences(audit)
  if (!(lasted >= length) || !hasLookedSince(given) || absent.length > 0) {
    const reason = `${shippedVariant} is served to everybody but ${trafficPercent} %, who stay in the trial; it has baked for ${sayDuration(lasted)} of ${sayDuration(length)}.`
    return { action: 'continue', rule: 'baking', reasons: [reason, ...absent] }
  }
  const unknown = binding(readings).filter(({ verdict }) => verdict !== 'ok')
  if (unknown.length > 0) {
    return holdFor(
      given,
      'guardrail-unknown',
      unknown.map(({ detail }) => detail),
    )
  }
  const { contenders, deteriorations } = winnersOf(experiment, evaluation)
  if (!contenders.includes(shippedVariant)) return holdFor(given, 'deterioration', deteriorations)
  return {
    action: 'ship',
    rule: 'baked',
    reasons: [
      `${shippedVariant} has baked for ${sayDuration(lasted)}: every guardrail is inside its margin, and nothing is worse.`,
    ],
    shipVariant: shippedVariant,
  }
}

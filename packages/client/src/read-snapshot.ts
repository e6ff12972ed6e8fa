import type { RolloutState, Snapshot } from '@fairtrial/protocol'
import { ExperimentError } from '@fairtrial/protocol/error'

/** More states than this are refused: reading them would hold up everything else in the process. */
const MAXIMUM_STATES = 10_000

/** What a field must be, and how that is said. */
type Rule = readonly [holds: (value: unknown) => boolean, meaning: string]

const STATUSES: readonly unknown[] = ['running', 'holding', 'baking', 'aborted', 'shipped', 'stopped']
const from = (least: number) => (value: unknown) => Number.isSafeInteger(value) && (value as number) >= least
const matches = (pattern: RegExp) => (value: unknown) => typeof value === 'string' && pattern.test(value)
const orNull = ([holds, meaning]: Rule): Rule => [
  (value) => value === null || holds(value),
  `null or ${meaning}`,
]

const orAbsent = ([holds, meaning]: Rule): Rule => [
  (value) => value === undefined || holds(value),
  `absent or ${meaning}`,
]

const whole: Rule = [from(0), 'a whole number of 0 or more']
const counted: Rule = [from(1), 'a whole number of 1 or more']
const name: Rule = [matches(/^[A-Za-z0-9_.-]{1,128}$/), '1 to 128 of the characters A-Z a-z 0-9 _ . -']

const SNAPSHOT: { readonly [Field in Exclude<keyof Snapshot, 'schema'>]: Rule } = {
  revision: whole,
  issuedAt: whole,
  validUntil: whole,
  states: [
    (value) => Array.isArray(value) && value.length <= MAXIMUM_STATES,
    `an array of at most ${MAXIMUM_STATES} states`,
  ],
}

const STATE: { readonly [Field in Exclude<keyof RolloutState, 'schema'>]-?: Rule } = {
  experiment: name,
  fingerprint: [matches(/^[0-9a-f]{64}$/), '64 lower-case hex digits'],
  phase: counted,
  revision: counted,
  status: [(value) => STATUSES.includes(value), `one of ${STATUSES.join(', ')}`],
  stage: whole,
  trafficPercent: [
    (value) => typeof value === 'number' && value >= 0 && value <= 100,
    'a number from 0 to 100',
  ],
  shippedVariant: orNull(name),
  startedAt: whole,
  stageStartedAt: whole,
  changedAt: whole,
  holdingSince: orNull(whole),
  extendedAt: orAbsent(orNull(whole)),
  heldBy: orAbsent(orNull([(value) => typeof value === 'string', 'a text'])),
  approvals: orAbsent([(value) => Array.isArray(value), 'an array']),
  awaitsStart: orAbsent([(value) => typeof value === 'boolean', 'true or false']),
  readiness: orAbsent(orNull([(value) => typeof value === 'object', 'an object'])),
  gate: orAbsent([(value) => typeof value === 'object' && value !== null, 'an object']),
  cause: [(value) => typeof value === 'string', 'a text'],
}

/**
 * Checks a snapshot by hand, so that a service needs no schema library: it takes what protocol's schema takes.
 * Fields that are not known are left as they are, a later minor version may have them.
 *
 * @throws ExperimentError `unsupported-version` for another major version, `invalid-state` for the rest
 */
export function readSnapshot(value: unknown): Snapshot {
  check(value, 'fairtrial.snapshot/1', SNAPSHOT, '')
  const snapshot = value as Snapshot
  for (const [i, state] of snapshot.states.entries())
    check(state, 'fairtrial.state/1', STATE, `states[${i}].`)
  return snapshot
}

function check(
  value: unknown,
  schema: string,
  rules: { readonly [field: string]: Rule },
  path: string,
): void {
  const fields = (typeof value === 'object' && value !== null ? value : {}) as {
    readonly [field: string]: unknown
  }
  if (fields['schema'] !== schema) {
    const other = matches(new RegExp(`^${schema.slice(0, -1)}\\d+$`))(fields['schema'])
    throw new ExperimentError(
      other ? 'unsupported-version' : 'invalid-state',
      `${path}schema is ${shown(fields['schema'])}, not "${schema}".`,
      other ? 'Install a newer @fairtrial/client.' : 'Look at what the source serves: it is no snapshot.',
    )
  }
  for (const [field, [holds, meaning]] of Object.entries(rules)) {
    if (holds(fields[field])) continue
    throw new ExperimentError(
      'invalid-state',
      `${path}${field} is ${shown(fields[field])}, not ${meaning}.`,
      'Look at what the source serves; the last good state stays in force.',
    )
  }
}

function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : String(value)
}

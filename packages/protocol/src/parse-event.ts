import { BUCKETS } from './buckets.ts'
import type { ExposureEvent, LogEvent, OutcomeEvent } from './events.ts'
import { MEASUREMENT_CLUSTERS } from './measurement-clusters.ts'
import type { MeasurementEvent } from './measurement.ts'
import type { ProducerReport } from './producer-report.ts'
import { show } from './show.ts'

/** What became of a line. It does not throw: a poisoned line must cost no more than itself. */
export type ParsedEvent<E extends LogEvent = LogEvent> =
  | { readonly ok: true; readonly event: E }
  | {
      readonly ok: false
      readonly code: 'invalid-event' | 'unsupported-version'
      /** The field, what stands there, and what belongs there. */
      readonly detail: string
    }

/**
 * Reads an exposure from parsed JSON: that very object, its unknown fields and all, never a copy.
 * Takes exactly what the schema `ExposureEvent` takes; written by hand because every line passes here.
 */
export function parseExposureEvent(value: unknown): ParsedEvent<ExposureEvent> {
  return read(value, 'fairtrial.exposure/1', EXPOSURE) as ParsedEvent<ExposureEvent>
}

/** Reads an outcome from parsed JSON, as `parseExposureEvent` does an exposure. */
export function parseOutcomeEvent(value: unknown): ParsedEvent<OutcomeEvent> {
  return read(value, 'fairtrial.outcome/1', OUTCOME) as ParsedEvent<OutcomeEvent>
}

/** Reads whichever event a line of a log is. */
export function parseLogEvent(value: unknown): ParsedEvent {
  const { schema } = fieldsOf(value)
  const kind = typeof schema === 'string' ? schema.replace(/\d+$/, '') : ''
  if (kind === 'fairtrial.outcome/') return parseOutcomeEvent(value)
  if (kind === 'fairtrial.measurement/') return read(value, 'fairtrial.measurement/1', MEASUREMENT)
  if (kind === 'fairtrial.producer/') return read(value, 'fairtrial.producer/1', PRODUCER)
  return parseExposureEvent(value)
}

/** What may stand in an event before it has been looked at. */
type Raw<E extends LogEvent> = { readonly [Name in keyof E]?: unknown }
/** Whether a field holds, and what it must be. Each reads its own field: a name looked up is twice as slow. */
type Rules<E extends LogEvent> = {
  readonly [Name in Exclude<keyof E, 'schema'>]-?: readonly [(event: Raw<E>) => boolean, string]
}
type Rule = readonly [field: string, holds: (event: object) => boolean, meaning: string]

const TEXT = 'a text that is not empty'
const NAME = '1 to 128 of the characters A-Z a-z 0-9 _ . -'
const TIME = 'a time in epoch milliseconds'
const WHOLE = 'a whole number of 0 or more'
const COUNTED = 'a whole number of 1 or more'

const produced = {
  producerId: [(event: Raw<LogEvent>) => isText(event.producerId), TEXT],
  sequence: [(event: Raw<LogEvent>) => isWhole(event.sequence, 1), COUNTED],
  sdk: [(event: Raw<LogEvent>) => typeof event.sdk === 'string', 'a text'],
  receivedAt: [(event: Raw<LogEvent>) => event.receivedAt === undefined || isFinite(event.receivedAt), TIME],
  traceparent: [({ traceparent: v }: Raw<LogEvent>) => v === undefined || typeof v === 'string', 'a text'],
} as const

const ofUnit = {
  unitType: [(event: Raw<ExposureEvent>) => isName(event.unitType), NAME],
  unitId: [(event: Raw<ExposureEvent>) => isText(event.unitId), TEXT],
} as const

const EXPOSURE = listed<ExposureEvent>({
  ...produced,
  ...ofUnit,
  exposureId: [(event) => isText(event.exposureId), TEXT],
  experiment: [(event) => isName(event.experiment), NAME],
  fingerprint: [(event) => isDigest(event.fingerprint), '64 lower-case hex digits'],
  phase: [(event) => isWhole(event.phase, 1), COUNTED],
  revision: [(event) => isWhole(event.revision), WHOLE],
  variant: [(event) => isName(event.variant), NAME],
  bucket: [(event) => isWhole(event.bucket, 0, BUCKETS - 1), `a whole number from 0 to ${BUCKETS - 1}`],
  seed: [(event) => isWhole(event.seed, 0, 2 ** 32 - 1), 'an unsigned integer of 32 bits'],
  propensity: [(event) => isPropensity(event.propensity), 'a number above 0, at most 1'],
  reason: [
    (event) => event.reason === 'assigned' || event.reason === 'overridden',
    '"assigned" or "overridden"',
  ],
  treatmentVersion: [({ treatmentVersion: v }) => v === undefined || typeof v === 'string', 'a text'],
  modelVersion: [({ modelVersion: v }) => v === undefined || typeof v === 'string', 'a text'],
  armSequence: [({ armSequence: v }) => v === undefined || isWhole(v, 1), COUNTED],
  trigger: [({ trigger: v }) => v === undefined || isName(v), NAME],
  assignedAs: [({ assignedAs: v }) => v === undefined || isText(v), TEXT],
  exposedAt: [(event) => isFinite(event.exposedAt), TIME],
  slate: [
    (event) => event.slate === undefined || isSlate(event.slate),
    'a slate: slateId, and items with itemId and position',
  ],
  context: [
    (event) => event.context === undefined || isContext(event.context),
    'a context: schemaVersion, and features of texts, numbers, true, false and null',
  ],
})

const OUTCOME = listed<OutcomeEvent>({
  ...produced,
  ...ofUnit,
  outcomeId: [(event) => isText(event.outcomeId), TEXT],
  name: [(event) => isText(event.name), TEXT],
  value: [(event) => isFinite(event.value), 'a finite number'],
  occurredAt: [(event) => isFinite(event.occurredAt), TIME],
  properties: [(event) => event.properties === undefined || isObject(event.properties), 'an object'],
})

const MEASUREMENT = listed<MeasurementEvent>({
  ...produced,
  experiment: [(event) => isName(event.experiment), NAME],
  fingerprint: [(event) => isDigest(event.fingerprint), '64 lower-case hex digits'],
  phase: [(event) => isWhole(event.phase, 1), COUNTED],
  revision: [(event) => isWhole(event.revision), WHOLE],
  unitType: [(event) => isName(event.unitType), NAME],
  variant: [(event) => isName(event.variant), NAME],
  name: [(event) => isText(event.name), TEXT],
  from: [(event) => isFinite(event.from), TIME],
  until: [(event) => isFinite(event.until), TIME],
  accuracy: [({ accuracy: v }) => isFinite(v) && (v as number) > 0 && (v as number) < 1, 'between 0 and 1'],
  clusters: [
    ({ clusters: v }) => Array.isArray(v) && v.every(isCluster),
    'a list of clusters: cluster, n, mean, m2, zeros, and bins of two numbers',
  ],
})

const PRODUCER = listed<ProducerReport>({
  ...produced,
  reportedAt: [(event) => isFinite(event.reportedAt), TIME],
  isFinal: [(event) => typeof event.isFinal === 'boolean', 'true or false'],
  offered: [(event) => isWhole(event.offered), WHOLE],
  delivered: [(event) => isWhole(event.delivered), WHOLE],
  deduplicated: [(event) => isWhole(event.deduplicated), WHOLE],
  dropped: [
    ({ dropped: v }) => isObject(v) && Object.values(v).every((count) => isWhole(count)),
    'counts by reason',
  ],
  pending: [(event) => isWhole(event.pending), WHOLE],
  arms: [
    ({ arms: v }) => Array.isArray(v) && v.every(isArm),
    'a list of arms: experiment, phase, variant, offered, numbered, deduplicated, dropped',
  ],
})

function listed<E extends LogEvent>(rules: Rules<E>): readonly Rule[] {
  return Object.entries<Rules<E>[keyof Rules<E>]>(rules).map(([field, [holds, meaning]]) => [
    field,
    holds,
    meaning,
  ])
}

function read(value: unknown, known: string, rules: readonly Rule[]): ParsedEvent {
  const fields = fieldsOf(value)
  const version = refuseVersion(fields, known)
  if (version !== null) return version
  for (const [field, holds, meaning] of rules) {
    if (holds(fields)) continue
    return { ok: false, code: 'invalid-event', detail: `${field} is ${show(fields[field])}, not ${meaning}` }
  }
  return { ok: true, event: value as LogEvent }
}

function refuseVersion(
  { schema }: { readonly [name: string]: unknown },
  known: string,
): (ParsedEvent & { ok: false }) | null {
  if (schema === known) return null
  const isLater = typeof schema === 'string' && schema.replace(/\d+$/, '1') === known
  return {
    ok: false,
    code: isLater ? 'unsupported-version' : 'invalid-event',
    detail: `schema is ${show(schema)}, not "${known}"`,
  }
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && /^[A-Za-z0-9_.-]{1,128}$/.test(value)
}

function isDigest(value: unknown): boolean {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
}

function isFinite(value: unknown): boolean {
  return Number.isFinite(value)
}

function isWhole(value: unknown, least = 0, most = Number.MAX_SAFE_INTEGER): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
}

function isPropensity(value: unknown): boolean {
  return typeof value === 'number' && value > 0 && value <= 1
}

function isSlate(value: unknown): boolean {
  const { slateId, items, weight } = fieldsOf(value)
  if (weight !== undefined && !(isFinite(weight) && (weight as number) >= 1)) return false
  return isText(slateId) && Array.isArray(items) && items.every(isSlateItem)
}

function isCluster(value: unknown): boolean {
  const { cluster, n, mean, m2, zeros, bins } = fieldsOf(value)
  return (
    isWhole(cluster, 0, MEASUREMENT_CLUSTERS - 1) &&
    isWhole(n, 1) &&
    isFinite(mean) &&
    isFinite(m2) &&
    (m2 as number) >= 0 &&
    isWhole(zeros) &&
    Array.isArray(bins) &&
    bins.every(isBin)
  )
}

function isBin(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && Number.isSafeInteger(value[0]) && isWhole(value[1], 1)
}

function isArm(value: unknown): boolean {
  const { experiment, phase, variant, assigned, offered, numbered, deduplicated, dropped } = fieldsOf(value)
  return (
    isName(experiment) &&
    isWhole(phase, 1) &&
    isName(variant) &&
    (assigned === undefined || isWhole(assigned)) &&
    [offered, numbered, deduplicated, dropped].every((count) => isWhole(count))
  )
}

function isContext(value: unknown): boolean {
  const { schemaVersion, features } = fieldsOf(value)
  return isText(schemaVersion) && isObject(features) && Object.values(features).every(isScalar)
}

function isScalar(value: unknown): boolean {
  return value === null || ['string', 'boolean'].includes(typeof value) || isFinite(value)
}

function isSlateItem(value: unknown): boolean {
  const { itemId, position, score, propensity } = fieldsOf(value)
  return (
    isText(itemId) &&
    isWhole(position) &&
    (score === undefined || isFinite(score)) &&
    (propensity === undefined || isPropensity(propensity))
  )
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const NONE: { readonly [name: string]: unknown } = Object.freeze({ schema: undefined })

function fieldsOf(value: unknown): { readonly [name: string]: unknown } {
  return isObject(value) ? value : NONE
}

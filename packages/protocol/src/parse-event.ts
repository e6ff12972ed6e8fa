import { BUCKETS } from './buckets.ts'
import type { ExposureEvent, LogEvent, OutcomeEvent } from './events.ts'
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
  return read(value, 'fairtrial.exposure/', EXPOSURE) as ParsedEvent<ExposureEvent>
}

/** Reads an outcome from parsed JSON, as `parseExposureEvent` does an exposure. */
export function parseOutcomeEvent(value: unknown): ParsedEvent<OutcomeEvent> {
  return read(value, 'fairtrial.outcome/', OUTCOME) as ParsedEvent<OutcomeEvent>
}

/** Reads whichever event a line of a log is. */
export function parseLogEvent(value: unknown): ParsedEvent {
  const { schema } = fieldsOf(value)
  return typeof schema === 'string' && schema.startsWith('fairtrial.outcome/')
    ? parseOutcomeEvent(value)
    : parseExposureEvent(value)
}

type Fields = { readonly [name: string]: unknown }
/** What a field must be, and how that is said. */
type Rule = readonly [field: string, holds: (value: unknown) => boolean, meaning: string]
type Kind<E> = { readonly [Name in Exclude<keyof E, 'schema'>]-?: readonly [Rule[1], Rule[2]] }

const isText = (value: unknown) => typeof value === 'string' && value !== ''
const isName = (value: unknown) => typeof value === 'string' && /^[A-Za-z0-9_.-]{1,128}$/.test(value)
const isDigest = (value: unknown) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
const isFinite = (value: unknown) => Number.isFinite(value)
const isWithin = (least: number, most: number) => (value: unknown) =>
  Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
const isPropensity = (value: unknown) => typeof value === 'number' && value > 0 && value <= 1
const optional = (holds: Rule[1]) => (value: unknown) => value === undefined || holds(value)

const text = [isText, 'a text that is not empty'] as const
const name = [isName, '1 to 128 of the characters A-Z a-z 0-9 _ . -'] as const
const time = [isFinite, 'a time in epoch milliseconds'] as const
const whole = [isWithin(0, Number.MAX_SAFE_INTEGER), 'a whole number of 0 or more'] as const
const counted = [isWithin(1, Number.MAX_SAFE_INTEGER), 'a whole number of 1 or more'] as const

const PRODUCED = {
  producerId: text,
  sequence: counted,
  sdk: [(value: unknown) => typeof value === 'string', 'a text'],
  unitType: name,
  unitId: text,
  receivedAt: [optional(isFinite), time[1]],
} as const

const EXPOSURE = rules<ExposureEvent>({
  ...PRODUCED,
  exposureId: text,
  experiment: name,
  fingerprint: [isDigest, '64 lower-case hex digits'],
  phase: counted,
  revision: whole,
  variant: name,
  bucket: [isWithin(0, BUCKETS - 1), `a whole number from 0 to ${BUCKETS - 1}`],
  seed: [isWithin(0, 2 ** 32 - 1), 'an unsigned integer of 32 bits'],
  propensity: [isPropensity, 'a number above 0, at most 1'],
  reason: [(value) => value === 'assigned', '"assigned"'],
  treatmentVersion: [optional((value) => typeof value === 'string'), 'a text'],
  exposedAt: time,
  slate: [optional(isSlate), 'a slate: slateId, and items with itemId and position'],
})

const OUTCOME = rules<OutcomeEvent>({
  ...PRODUCED,
  outcomeId: text,
  name: text,
  value: [isFinite, 'a finite number'],
  occurredAt: time,
  properties: [optional(isObject), 'an object'],
})

function rules<E>(kind: Kind<E>): readonly Rule[] {
  return Object.entries<Kind<E>[keyof Kind<E>]>(kind).map(([field, [holds, meaning]]) => [
    field,
    holds,
    meaning,
  ])
}

function read(value: unknown, family: string, kind: readonly Rule[]): ParsedEvent {
  const fields = fieldsOf(value)
  const { schema } = fields
  if (schema !== `${family}1`) {
    const isLater =
      typeof schema === 'string' && schema.startsWith(family) && /^\d+$/.test(schema.slice(family.length))
    return {
      ok: false,
      code: isLater ? 'unsupported-version' : 'invalid-event',
      detail: `schema is ${show(schema)}, not "${family}1"`,
    }
  }
  for (const [field, holds, meaning] of kind) {
    if (holds(fields[field])) continue
    return { ok: false, code: 'invalid-event', detail: `${field} is ${show(fields[field])}, not ${meaning}` }
  }
  return { ok: true, event: value as LogEvent }
}

function isSlate(value: unknown): boolean {
  const { slateId, items } = fieldsOf(value)
  return isText(slateId) && Array.isArray(items) && items.every(isSlateItem)
}

function isSlateItem(value: unknown): boolean {
  const { itemId, position, score, propensity } = fieldsOf(value)
  return (
    isText(itemId) &&
    whole[0](position) &&
    (score === undefined || isFinite(score)) &&
    (propensity === undefined || isPropensity(propensity))
  )
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const NONE: Fields = Object.freeze({ schema: undefined })

function fieldsOf(value: unknown): Fields {
  return isObject(value) ? value : NONE
}

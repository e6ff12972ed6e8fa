import type { Reading } from './reading.ts'

/** A unit's number in one metric, before anything is divided. */
export interface UnitNumber {
  /** Of a ratio, the numerator. */
  readonly value: number
  /** Of a ratio; of any other metric 1, for the unit itself. */
  readonly denominator: number
}

/** What one unit comes to in one metric. */
export interface Observation {
  /** As it counts: within cap and maximum of events. Undefined where the unit has none. */
  readonly number: UnitNumber | undefined
  /** Without either. */
  readonly uncapped: UnitNumber | undefined
  /** In the order of the definition; undefined where missing. */
  readonly covariates: readonly (number | undefined)[]
  /** By whole days since exposure; undefined of a day without a value. Empty of a metric that is not told by day. */
  readonly days: readonly (number | undefined)[]
  /** In a trial by clusters, the id of the unit's. */
  readonly cluster?: string
}

/** An observation that can be summed up. */
export interface CountedObservation extends Observation {
  readonly number: UnitNumber
  readonly uncapped: UnitNumber
}

/** Whether there is a number, and all of it is finite. */
export function isCounted(observation: Observation): observation is CountedObservation {
  return isFinitePair(observation.number) && isFinitePair(observation.uncapped)
}

/** Whether there is a number, and it cannot be summed up. */
export function isNonFinite({ uncapped }: Observation): boolean {
  return uncapped !== undefined && !isFinitePair(uncapped)
}

function isFinitePair(number: UnitNumber | undefined): boolean {
  return number !== undefined && Number.isFinite(number.value) && Number.isFinite(number.denominator)
}

/** The number that a unit's values make. In a ratio a sum over nothing is 0, above the line and below. */
export function unitNumber(
  reading: Reading,
  value: number | undefined,
  denominator: number | undefined,
): UnitNumber | undefined {
  if (reading.denominator !== undefined) return { value: value ?? 0, denominator: denominator ?? 0 }
  return value === undefined ? undefined : { value, denominator: 1 }
}

/** A number drawn to the limits of its metric. */
export function capped(number: UnitNumber | undefined, { cap }: Reading): UnitNumber | undefined {
  if (number === undefined || cap === undefined) return number
  const { lower = Number.NEGATIVE_INFINITY, upper = Number.POSITIVE_INFINITY } = cap
  return { ...number, value: Math.min(upper, Math.max(lower, number.value)) }
}

/** A number, or undefined of what is not finite. */
export function finite(value: number | undefined): number | undefined {
  return Number.isFinite(value) ? value : undefined
}

import type { MetricSummary } from '@fairtrial/protocol'
import { accumulate, accumulatedMoments, createAccumulator } from '@fairtrial/statistics'
import {
  addToMinute,
  firstKept,
  minuteOf,
  type MinuteSums,
  minutesExpireAt,
  risingMinutes,
} from './minute-sums.ts'
import { type CountedObservation, isCounted, isNonFinite } from './observation.ts'
import { observeUnit } from './observe-unit.ts'
import type { Outcomes } from './outcome-store.ts'
import type { Reading } from './reading.ts'
import { summaryOfSample } from './summary-of-sample.ts'
import type { UnitRecord } from './unit-record.ts'
import { valueWithin } from './folded-value.ts'

/** Units of a log to be summed up as of a time. */
export interface TalliedUnits {
  readonly units: readonly UnitRecord[]
  /** By unit, the index of the arm that it counts in; −1 of one that is left out. */
  readonly arms: readonly number[]
  /** How many arms there are. */
  readonly armCount: number
  readonly outcomes: Outcomes
  readonly asOf: number
}

/** One metric of some units. */
export interface MetricTally {
  readonly arms: readonly MetricSummary[]
  /** Units whose number has left the doubles. */
  readonly nonFiniteValues: number
  /** Outcomes beyond the maximum of events. */
  readonly excessOutcomes: number
  /** When the next window closes, or the last minute is over, and this no longer holds. */
  readonly until: number
}

/** Sums up one metric: of a plain one, in one pass without an object a unit. */
export function tallyMetric(reading: Reading, units: TalliedUnits): MetricTally {
  const minutes = Array.from({ length: units.armCount }, (): MinuteSums => new Map())
  const tally = reading.isPlain ? tallyPlain(reading, units, minutes) : tallyDetailed(reading, units, minutes)
  return reading.minutes === 0 ? tally : tellMinutes(tally, minutes, reading.minutes, units.asOf)
}

function tellMinutes(
  tally: MetricTally,
  minutes: readonly MinuteSums[],
  kept: number,
  asOf: number,
): MetricTally {
  const told = minutes.map((sums) => risingMinutes(sums, firstKept(asOf, kept)))
  return {
    ...tally,
    arms: tally.arms.map((summary, arm) => ({ ...summary, minutes: told[arm]! })),
    // Units that are old have no minutes: what is kept does not grow with the trial.
    until: Math.min(tally.until, ...told.map((rising) => minutesExpireAt(rising, kept))),
  }
}

function tallyPlain(
  reading: Reading,
  { units, arms, armCount, outcomes, asOf }: TalliedUnits,
  minutes: readonly MinuteSums[],
): MetricTally {
  const cells = Array.from({ length: armCount }, () => ({
    closed: createAccumulator(),
    current: createAccumulator(),
    missing: 0,
  }))
  const { delayMs, windowMs, closesAfterMs, minuteAfterMs } = reading
  let nonFiniteValues = 0
  let until = Number.POSITIVE_INFINITY
  for (let i = 0; i < units.length; i++) {
    const cell = cells[arms[i]!]
    if (cell === undefined) continue
    const { exposedAt, lastOutcome } = units[i]!
    const closesAt = exposedAt + closesAfterMs
    const isClosed = asOf >= closesAt
    if (!isClosed && closesAt < until) until = closesAt
    const from = exposedAt + delayMs
    const value = valueWithin(lastOutcome, outcomes, reading, from, from + windowMs)
    if (value !== undefined && Number.isFinite(value)) {
      accumulate(cell.current, value)
      if (isClosed) accumulate(cell.closed, value)
      if (reading.minutes > 0 && (isClosed || minuteAfterMs === 0))
        addToMinute(minutes[arms[i]!]!, [minuteOf(exposedAt + minuteAfterMs), 1, value, 1])
      continue
    }
    if (value !== undefined) nonFiniteValues += 1
    if (isClosed) cell.missing += 1
  }
  return {
    arms: cells.map(({ closed, current, missing }) => ({
      closed: accumulatedMoments(closed),
      current: accumulatedMoments(current),
      missing,
    })),
    nonFiniteValues,
    excessOutcomes: 0,
    until,
  }
}

function tallyDetailed(
  reading: Reading,
  { units, arms, armCount, outcomes, asOf }: TalliedUnits,
  minutes: readonly MinuteSums[],
): MetricTally {
  const samples = Array.from({ length: armCount }, () => ({
    closed: [] as CountedObservation[],
    current: [] as CountedObservation[],
    missing: 0,
  }))
  let nonFiniteValues = 0
  let excessOutcomes = 0
  let until = Number.POSITIVE_INFINITY
  for (const [i, unit] of units.entries()) {
    const sample = samples[arms[i]!]
    if (sample === undefined) continue
    const closesAt = unit.exposedAt + reading.closesAfterMs
    const isClosed = asOf >= closesAt
    if (!isClosed && closesAt < until) until = closesAt
    const { excess, ...observation } = observeUnit(unit, reading, outcomes)
    excessOutcomes += excess
    if (isCounted(observation)) {
      sample.current.push(observation)
      if (isClosed) sample.closed.push(observation)
      if (reading.minutes > 0 && (isClosed || reading.minuteAfterMs === 0)) {
        const { value, denominator } = observation.number
        const minute = minuteOf(unit.exposedAt + reading.minuteAfterMs)
        addToMinute(minutes[arms[i]!]!, [minute, 1, value, denominator])
      }
      continue
    }
    if (isNonFinite(observation)) nonFiniteValues += 1
    if (isClosed) sample.missing += 1
  }
  return {
    // Clusters are not in the log: there a unit stands for itself.
    arms: samples.map((sample) => summaryOfSample(reading, sample, false)),
    nonFiniteValues,
    excessOutcomes,
    until,
  }
}

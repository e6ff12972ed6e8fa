import type { Experiment, MetricSummary } from '@fairtrial/protocol'
import {
  accumulate,
  accumulatedMoments,
  createAccumulator,
  emptyMoments,
  mergeMoments,
} from '@fairtrial/statistics'
import { assignedArm } from './assigned-arm.ts'
import { NO_OUTCOME, type OutcomeStore } from './outcome-store.ts'
import type { Reading } from './reading.ts'
import type { UnitRecord } from './unit-record.ts'
import { unitValue } from './unit-value.ts'

/** Some units summed up, arms by index. Tallies of disjoint units merge by addition. */
export interface Tally {
  /** Units that count, by arm. */
  readonly units: readonly number[]
  /** By reading, then arm. */
  readonly metrics: readonly (readonly MetricSummary[])[]
  readonly earlyOutcomes: number
  readonly lateOutcomes: number
  /** Units whose sum has left the doubles. */
  readonly nonFiniteValues: number
}

/** What decides how units are summed up. */
export interface TallyPlan {
  readonly variants: Experiment['variants']
  readonly crossover: Experiment['analysis']['crossover']
  readonly readings: readonly Reading[]
  /** The longest window of each event, in milliseconds, by the event's index. */
  readonly longestWindowMs: readonly number[]
}

const LEFT_OUT = -1

/** The tally of no units. */
export function emptyTally({ variants, readings }: TallyPlan): Tally {
  const nothing: MetricSummary = { closed: emptyMoments, current: emptyMoments, missing: 0 }
  return {
    units: variants.map(() => 0),
    metrics: readings.map(() => variants.map(() => nothing)),
    earlyOutcomes: 0,
    lateOutcomes: 0,
    nonFiniteValues: 0,
  }
}

/**
 * Sums units up as of a time.
 *
 * @returns the tally, and the time at which the next window closes and it no longer holds
 */
export function tallyUnits(
  units: readonly UnitRecord[],
  store: OutcomeStore,
  plan: TallyPlan,
  asOf: number,
): { tally: Tally; until: number } {
  const { variants, readings, longestWindowMs } = plan
  const counts = variants.map(() => 0)
  const cells = readings.map(() =>
    variants.map(() => ({ closed: createAccumulator(), current: createAccumulator(), missing: 0 })),
  )
  let earlyOutcomes = 0
  let lateOutcomes = 0
  let nonFiniteValues = 0
  let until = Number.POSITIVE_INFINITY

  for (const unit of units) {
    const arm = armOf(unit, plan)
    if (arm === LEFT_OUT) continue
    const { exposedAt } = unit
    counts[arm]! += 1
    for (let i = unit.lastOutcome; i !== NO_OUTCOME; i = store.previous[i]!) {
      const delayMs = store.occurredAt[i]! - exposedAt
      if (delayMs < 0) earlyOutcomes += 1
      else if (delayMs >= longestWindowMs[store.eventIndex[i]!]!) lateOutcomes += 1
    }
    for (let r = 0; r < readings.length; r++) {
      const reading = readings[r]!
      const cell = cells[r]![arm]!
      const closesAt = exposedAt + reading.closesAfterMs
      const isClosed = asOf >= closesAt
      if (!isClosed && closesAt < until) until = closesAt
      const value = unitValue(unit, reading, store)
      if (value !== undefined && Number.isFinite(value)) {
        accumulate(cell.current, value)
        if (isClosed) accumulate(cell.closed, value)
        continue
      }
      if (value !== undefined) nonFiniteValues += 1
      if (isClosed) cell.missing += 1
    }
  }

  const metrics = cells.map((arms) =>
    arms.map(({ closed, current, missing }) => ({
      closed: accumulatedMoments(closed),
      current: accumulatedMoments(current),
      missing,
    })),
  )
  return { tally: { units: counts, metrics, earlyOutcomes, lateOutcomes, nonFiniteValues }, until }
}

/** Where a unit counts: nearly always where it was seen; one seen in two arms, by the plan's policy. */
function armOf(unit: UnitRecord, { crossover, variants }: TallyPlan): number {
  if (unit.arms === null || crossover === 'first') return unit.arm
  return crossover === 'exclude' ? LEFT_OUT : assignedArm(variants, unit.bucket)
}

/** Two disjoint sets of units taken together. */
export function mergeTallies(a: Tally, b: Tally): Tally {
  return {
    units: a.units.map((n, arm) => n + b.units[arm]!),
    metrics: a.metrics.map((arms, r) =>
      arms.map((cell, arm) => mergeMetricSummaries(cell, b.metrics[r]![arm]!)),
    ),
    earlyOutcomes: a.earlyOutcomes + b.earlyOutcomes,
    lateOutcomes: a.lateOutcomes + b.lateOutcomes,
    nonFiniteValues: a.nonFiniteValues + b.nonFiniteValues,
  }
}

/** One metric in one arm, over two disjoint sets of units. */
export function mergeMetricSummaries(a: MetricSummary, b: MetricSummary): MetricSummary {
  return {
    closed: mergeMoments(a.closed, b.closed),
    current: mergeMoments(a.current, b.current),
    missing: a.missing + b.missing,
  }
}

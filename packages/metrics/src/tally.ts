import type { Experiment, MetricSummary } from '@fairtrial/protocol'
import { assignedArm } from './assigned-arm.ts'
import { mergeMetricSummaries } from './merge-metric-summaries.ts'
import { NO_OUTCOME, type Outcomes } from './outcome-store.ts'
import type { EventSpan } from './event-span.ts'
import type { Reading } from './reading.ts'
import { type MetricTally, tallyMetric } from './tally-metric.ts'
import type { UnitRecord } from './unit-record.ts'

/** Some units summed up, arms by index. Tallies of disjoint units merge by addition. */
export interface Tally {
  /** Units that count, by arm. */
  readonly units: readonly number[]
  /** By reading, then arm. */
  readonly metrics: readonly (readonly MetricSummary[])[]
  readonly earlyOutcomes: number
  readonly lateOutcomes: number
  /** Outcomes beyond a metric's maximum of events. */
  readonly excessOutcomes: number
  /** Units whose sum has left the doubles. */
  readonly nonFiniteValues: number
}

/** What decides how units are summed up. */
export interface TallyPlan {
  readonly variants: Experiment['variants']
  readonly crossover: Experiment['analysis']['crossover']
  readonly readings: readonly Reading[]
  /** When outcomes count, by the event's index. */
  readonly spans: readonly EventSpan[]
  /** Whether any metric has a maximum of events. */
  readonly hasMaximum: boolean
}

const LEFT_OUT = -1

/** The tally of no units. */
export function emptyTally(plan: TallyPlan): Tally {
  return tallyUnits([], NO_OUTCOMES, plan, 0).tally
}

const NO_OUTCOMES: Outcomes = { eventIndex: [], occurredAt: [], value: [], previous: [] }

/**
 * Sums units up as of a time.
 *
 * @returns the tally, and the time at which the next window closes and it no longer holds
 */
export function tallyUnits(
  units: readonly UnitRecord[],
  outcomes: Outcomes,
  plan: TallyPlan,
  asOf: number,
): { tally: Tally; until: number } {
  const { variants, readings, spans } = plan
  const counts = variants.map(() => 0)
  const arms = units.map((unit) => armOf(unit, plan))
  let earlyOutcomes = 0
  let lateOutcomes = 0
  for (let u = 0; u < units.length; u++) {
    const arm = arms[u]!
    if (arm === LEFT_OUT) continue
    counts[arm]! += 1
    const { exposedAt, lastOutcome } = units[u]!
    for (let i = lastOutcome; i !== NO_OUTCOME; i = outcomes.previous[i]!) {
      const sinceMs = outcomes.occurredAt[i]! - exposedAt
      const span = spans[outcomes.eventIndex[i]!]!
      if (sinceMs < span.fromMs) earlyOutcomes += 1
      else if (sinceMs >= span.untilMs) lateOutcomes += 1
    }
  }
  const tallied = { units, arms, armCount: variants.length, outcomes, asOf }
  const metrics = readings.map((reading) => tallyMetric(reading, tallied))
  return {
    tally: {
      units: counts,
      metrics: metrics.map((metric) => metric.arms),
      earlyOutcomes,
      lateOutcomes,
      excessOutcomes: total(metrics, 'excessOutcomes'),
      nonFiniteValues: total(metrics, 'nonFiniteValues'),
    },
    until: Math.min(...metrics.map(({ until }) => until)),
  }
}

function total(metrics: readonly MetricTally[], count: 'excessOutcomes' | 'nonFiniteValues'): number {
  return metrics.reduce((sum, metric) => sum + metric[count], 0)
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
    excessOutcomes: a.excessOutcomes + b.excessOutcomes,
    nonFiniteValues: a.nonFiniteValues + b.nonFiniteValues,
  }
}

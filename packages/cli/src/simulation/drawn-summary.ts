import type { Experiment, MetricSummary, TrialSummary } from '@fairtrial/protocol'
import type { Moments } from '@fairtrial/statistics'
import type { SimulatedMetric } from './simulated-plan.ts'

/** A metric's units that have closed, arm by arm. */
export interface DrawnMetric {
  readonly metric: SimulatedMetric
  readonly closed: readonly Moments[]
}

/** Drawn numbers as a log or a table would be summed up. */
export function drawnSummary(
  experiment: Experiment,
  asOf: number,
  arms: readonly { readonly name: string; readonly units: number }[],
  cells: readonly DrawnMetric[],
): TrialSummary {
  return {
    schema: 'fairtrial.summary/1',
    experiment: experiment.key,
    fingerprint: experiment.fingerprint,
    phase: 1,
    asOf,
    units: Object.fromEntries(arms.map(({ name, units }) => [name, units])),
    metrics: Object.fromEntries(
      cells.map(({ metric, closed }) => [
        metric.name,
        Object.fromEntries(arms.map(({ name }, arm) => [name, metricSummary(metric, closed[arm]!)])),
      ]),
    ),
    counts: {
      crossoverUnits: 0,
      repeatedExposures: 0,
      earlyOutcomes: 0,
      lateOutcomes: 0,
      repeatedOutcomes: 0,
      unmatchedOutcomes: 0,
      foreignExposures: 0,
      nonFiniteValues: 0,
    },
    newestEventAt: asOf,
  }
}

/** A ratio is drawn as its linearised value over a denominator of 1. */
function metricSummary({ isRatio }: SimulatedMetric, closed: Moments): MetricSummary {
  const { n, mean, m2 } = closed
  const joint = {
    n,
    means: [mean, n > 0 ? 1 : 0],
    products: [
      [m2, 0],
      [0, 0],
    ],
  }
  return { closed, current: closed, missing: 0, ...(isRatio && { joint, currentJoint: joint }) }
}

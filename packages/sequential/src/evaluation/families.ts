import type {
  AdjustedComparison,
  Experiment,
  Interval,
  MetricEvaluation,
  MetricFamily,
} from '@fairtrial/protocol'
import { adjustFamily } from '@fairtrial/statistics'
import { isEstimate } from './estimate.ts'

/** The evaluations of all metrics, by name. */
export type MetricEvaluations = { readonly [metric: string]: MetricEvaluation }

/** A comparison's confidence sequence at a level of one's own choosing. */
export type IntervalAt = (metric: string, variant: string, alpha: number) => Interval

/**
 * Judges the metrics of each of the plan's families together. A member is a metric of one treatment; its p is the one
 * that is valid at this look, so that the adjusted one is, too, and its interval the same confidence sequence at the
 * level that the family leaves it. What could not be estimated still counts: the family was fixed before the data.
 */
export function judgeFamilies(
  { analysis: { families = {}, alpha } }: Experiment,
  metrics: MetricEvaluations,
  intervalAt: IntervalAt,
): MetricEvaluations {
  const judged = Object.entries(families).flatMap(([family, plan]) =>
    judgeFamily(family, { alpha, ...plan }, metrics, intervalAt),
  )
  return judged.reduce(withAdjusted, metrics)
}

interface Judged {
  readonly metric: string
  readonly variant: string
  readonly adjusted: AdjustedComparison
}

function judgeFamily(
  family: string,
  { method, alpha, weights, metrics: names }: MetricFamily & { readonly alpha: number },
  metrics: MetricEvaluations,
  intervalAt: IntervalAt,
): Judged[] {
  const members = names.flatMap((metric) =>
    Object.entries(metrics[metric]!.comparisons).map(([variant, { anytimePValue }]) => ({
      metric,
      variant,
      anytimePValue,
    })),
  )
  const judged = adjustFamily(
    members.map(({ metric, variant, anytimePValue }) => ({
      name: `${metric} ${variant}`,
      pValue: isEstimate(anytimePValue) ? anytimePValue : undefined,
      ...(weights && { weight: weights[metric] ?? 1 }),
    })),
    { method, level: 1 - alpha },
  )
  return members.map(({ metric, variant, anytimePValue }, i) => {
    const { adjustedP, isSignificant, intervalLevel, coverage } = judged[i]!
    return {
      metric,
      variant,
      adjusted: {
        family,
        method,
        pValue: adjustedP ?? anytimePValue,
        isSignificant,
        interval: intervalAt(metric, variant, 1 - intervalLevel),
        coverage,
      },
    }
  })
}

function withAdjusted(metrics: MetricEvaluations, { metric, variant, adjusted }: Judged): MetricEvaluations {
  const evaluation = metrics[metric]!
  const comparison = { ...evaluation.comparisons[variant]!, adjusted }
  return {
    ...metrics,
    [metric]: { ...evaluation, comparisons: { ...evaluation.comparisons, [variant]: comparison } },
  }
}

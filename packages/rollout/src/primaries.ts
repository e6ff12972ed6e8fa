import type { Comparison, Evaluation, Experiment } from '@fairtrial/protocol'
import { treatmentsOf } from './plan.ts'
import { sayDifference, sayNumber } from './words.ts'

/** The treatments that may ship, the best first, and what was found for each in one sentence. */
export interface Winners {
  readonly winners: readonly string[]
  readonly reasons: readonly string[]
  /** No treatment can win any more: the plan's last look is taken, or a look has decided against it. */
  readonly areDecided: boolean
}

/** A treatment may ship when it is better on every primary metric. The best has the largest effect on the hypothesis' metric. */
export function winnersOf(experiment: Experiment, evaluation: Evaluation | null): Winners {
  const primaries = Object.entries(experiment.metrics)
    .filter(([, metric]) => metric.role === 'primary')
    .map(([name]) => name)
  const compare = (metric: string, variant: string): Comparison | undefined =>
    evaluation?.metrics[metric]?.comparisons[variant]
  const towards = experiment.metrics[experiment.hypothesis.metric]?.direction === 'decrease' ? -1 : 1
  const gain = (variant: string): number => {
    const effect = compare(experiment.hypothesis.metric, variant)?.effect.absolute
    return typeof effect === 'number' ? towards * effect : Number.NEGATIVE_INFINITY
  }
  const winners = treatmentsOf(experiment)
    .filter(
      (variant) =>
        primaries.length > 0 && primaries.every((metric) => compare(metric, variant)?.verdict === 'better'),
    )
    .toSorted((a, b) => gain(b) - gain(a))
  const isLost = (variant: string): boolean =>
    primaries.some((metric) => {
      const comparison = compare(metric, variant)
      const look = comparison?.look
      return look?.nextAt === null && look.kind !== 'chosen' && comparison?.verdict !== 'better'
    })
  const told = [...winners, ...treatmentsOf(experiment).filter((variant) => !winners.includes(variant))]
  return {
    winners,
    areDecided: winners.length === 0 && treatmentsOf(experiment).every(isLost),
    reasons: told.flatMap((variant) =>
      primaries.map((metric) => sayComparison(experiment, metric, variant, compare(metric, variant))),
    ),
  }
}

function sayComparison(
  { metrics }: Experiment,
  metric: string,
  variant: string,
  comparison: Comparison | undefined,
): string {
  if (comparison === undefined) return `Primary ${metric}, ${variant}: nothing is known yet.`
  const { verdict, interval } = comparison
  // Rare events bound no difference, and are told by their relative effect.
  const isRelative =
    'notEstimable' in interval.absolute && interval.absolute.notEstimable.code === 'not-applicable'
  const bounds = isRelative ? interval.relative : interval.absolute
  if ('notEstimable' in bounds)
    return `Primary ${metric}, ${variant}: ${verdict}; ${bounds.notEstimable.detail}.`
  const [lower, upper] = bounds.map((bound) =>
    isRelative ? `${sayNumber(100 * bound)} %` : sayDifference(bound, metrics[metric]),
  )
  return `Primary ${metric}, ${variant}: ${verdict}; the ${isRelative ? 'relative effect' : 'difference'} lies between ${lower} and ${upper} (${sayNumber(100 * interval.level)} % interval).`
}

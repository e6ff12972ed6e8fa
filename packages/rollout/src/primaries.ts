import type { Comparison, Evaluation, Experiment } from '@fairtrial/protocol'
import { treatmentsOf } from './plan.ts'
import { sayDifference, sayNumber } from './words.ts'

/** The treatments that may ship, the best first, and what was found for each in one sentence. */
export interface Winners {
  readonly winners: readonly string[]
  readonly reasons: readonly string[]
  /** No treatment can win any more: the plan's last looks are taken, or have decided against it. */
  readonly areDecided: boolean
  /** What keeps treatments that are better on a primary from shipping, and the others from more traffic, a sentence each. */
  readonly deteriorations: readonly string[]
  /** Treatments of which nothing is known to be worse. */
  readonly contenders: readonly string[]
}

/**
 * The risk-corrected rule: a treatment may ship when it is better on at least one primary metric (alpha is split over
 * them) and worse on none, primary or secondary; that every guardrail is inside its margin is asked before. After
 * Schultzberg, Ankargren & Frånberg 2024. The best has the largest effect on the hypothesis' metric.
 */
export function winnersOf(experiment: Experiment, evaluation: Evaluation | null): Winners {
  const named = (...roles: readonly string[]): readonly string[] =>
    Object.keys(experiment.metrics).filter((name) => roles.includes(experiment.metrics[name]?.role ?? ''))
  const primaries = named('primary')
  const treatments = treatmentsOf(experiment)
  const compare = (metric: string, variant: string): Comparison | undefined =>
    evaluation?.metrics[metric]?.comparisons[variant]
  const say = (metric: string, variant: string): string =>
    sayComparison(experiment, metric, variant, compare(metric, variant))
  const towards = experiment.metrics[experiment.hypothesis.metric]?.direction === 'decrease' ? -1 : 1
  const gain = (variant: string): number => {
    const effect = compare(experiment.hypothesis.metric, variant)?.effect.absolute
    return typeof effect === 'number' ? towards * effect : Number.NEGATIVE_INFINITY
  }
  const worse = treatments.flatMap((variant) =>
    named('primary', 'secondary')
      .filter((metric) => compare(metric, variant)?.verdict === 'worse')
      .map((metric) => ({ variant, reason: say(metric, variant) })),
  )
  const contenders = treatments.filter((variant) => !worse.some((each) => each.variant === variant))
  const winners = contenders
    .filter((variant) => primaries.some((metric) => compare(metric, variant)?.verdict === 'better'))
    .toSorted((a, b) => gain(b) - gain(a))
  const isLost = (variant: string): boolean => {
    const over = primaries.filter((metric) => isOver(compare(metric, variant)))
    return (
      over.some((metric) => compare(metric, variant)?.verdict === 'worse') ||
      (over.length > 0 &&
        over.length === primaries.length &&
        over.every((metric) => compare(metric, variant)?.verdict !== 'better'))
    )
  }
  const told = [...winners, ...treatments.filter((variant) => !winners.includes(variant))]
  return {
    winners,
    contenders,
    areDecided: winners.length === 0 && treatments.every(isLost),
    reasons: told.flatMap((variant) => primaries.map((metric) => say(metric, variant))),
    deteriorations: worse.map(({ reason }) => reason),
  }
}

/** The plan's last look at it is taken, or an earlier one has decided; one that somebody chose leaves it open. */
function isOver(comparison: Comparison | undefined): boolean {
  return comparison?.look?.nextAt === null && comparison.look.kind !== 'chosen'
}

function sayComparison(
  { metrics }: Experiment,
  metric: string,
  variant: string,
  comparison: Comparison | undefined,
): string {
  const what = `${metrics[metric]?.role === 'secondary' ? 'Secondary' : 'Primary'} ${metric}, ${variant}`
  if (comparison === undefined) return `${what}: nothing is known yet.`
  const { verdict, interval } = comparison
  // Rare events bound no difference, and are told by their relative effect.
  const isRelative =
    'notEstimable' in interval.absolute && interval.absolute.notEstimable.code === 'not-applicable'
  const bounds = isRelative ? interval.relative : interval.absolute
  if ('notEstimable' in bounds) return `${what}: ${verdict}; ${bounds.notEstimable.detail}.`
  const [lower, upper] = bounds.map((bound) =>
    isRelative ? `${sayNumber(100 * bound)} %` : sayDifference(bound, metrics[metric]),
  )
  return `${what}: ${verdict}; the ${isRelative ? 'relative effect' : 'difference'} lies between ${lower} and ${upper} (${sayNumber(100 * interval.level)} % interval).`
}

import type { Estimate, Evaluation, Experiment } from '@fairtrial/protocol'
import { durationMs } from '@fairtrial/protocol/duration'
import { normalCdf, normalLoss } from '@fairtrial/statistics'

/** What each choice is expected to lose against knowing the true effect. Null where the plan lacks what it takes. */
export interface ChoiceLosses {
  readonly ship: number | null
  /** One more day as it is. */
  readonly hold: number | null
  readonly abort: number | null
}

/** The losses under one prior. */
export interface LossAtPrior {
  /** Standard deviation of the prior around no effect, in minimum lifts; null is a flat one, which lets the data alone speak. */
  readonly priorWidth: number | null
  /** Of the effect on a unit, towards better, in the metric's unit. */
  readonly posterior: { readonly mean: number; readonly standardDeviation: number }
  /** That the treatment is worse than control. */
  readonly chanceOfHarm: number
  /** In the metric's unit and a unit: what is lost on each by serving the treatment to it, and by keeping it from it. */
  readonly perUnit: { readonly treat: number; readonly withhold: number }
  /** The same on all units of a day; null where the plan does not say how many there are. */
  readonly perDay: { readonly treat: number; readonly withhold: number } | null
  /** In the currency of the plan's costs. */
  readonly cost: ChoiceLosses
  /** Of shipping and aborting the one that is expected to cost less; null where one of them cannot be told. */
  readonly cheaper: 'ship' | 'abort' | null
}

/** What errors are expected to cost now. */
export interface ExpectedLoss extends LossAtPrior {
  readonly schema: 'fairtrial.expected-loss/1'
  readonly experiment: string
  /** The hypothesis' metric. */
  readonly metric: string
  readonly variant: string
  readonly currency: string | null
  /** The minimum lift, in the metric's unit: what `missedGainPerDay` is the price of, a day. */
  readonly minimumLift: number
  /** So many days of gain are given up by an abort. */
  readonly days: number
  /** The same under narrower and wider priors, the narrowest first: how much it hangs on what was believed before. */
  readonly sensitivity: readonly LossAtPrior[]
}

/** Widths of the sensitivity curve, in minimum lifts. */
const PRIOR_WIDTHS: readonly (number | null)[] = [0.25, 0.5, 1, 2, 4, 8, null]

/**
 * The expected loss of shipping, of holding one more day and of aborting now, from the plan's `costs`.
 *
 * The effect Δ on a unit, towards better, has the normal posterior of its estimate d with standard error s under a prior
 * N(0, τ²), τ = width × δ, δ the minimum lift: mean d τ² / (τ² + s²), variance τ² s² / (τ² + s²); flat: d and s². For a
 * normal X with mean m and standard deviation σ, E[(−X)⁺] = σ φ(m/σ) − m Φ(−m/σ) (Raiffa & Schlaifer 1961, the linear
 * loss integral). With L = E[(−Δ)⁺], G = E[Δ⁺], and a day of the effect δ worth `missedGainPerDay` =: g:
 *
 * - ship: `badLaunch` × P(Δ < 0)
 * - hold: g (f L + (1 − f) G) / δ, where f is the share of units on the treatment: they lose what it harms, the others
 *   what it gains
 * - abort: `abort` + g × days × G / δ
 *
 * A word for people: no rule of `decide` reads it. It takes the estimate at its face, whatever looks came before.
 *
 * @param options.variant default: the treatment with the largest effect
 * @param options.treatedShare f, 0 to 1. Default 0
 * @param options.days of gain that an abort gives up. Default: the hypothesis' horizon
 * @param options.priorWidth in minimum lifts. Default: flat
 */
export function expectedLoss(
  experiment: Experiment,
  evaluation: Evaluation,
  options: {
    readonly variant?: string
    readonly treatedShare?: number
    readonly days?: number
    readonly priorWidth?: number | null
  } = {},
): Estimate<ExpectedLoss> {
  const { metric, minimumLift, horizon } = experiment.hypothesis
  const comparisons = evaluation.metrics[metric]?.comparisons ?? {}
  const towards = experiment.metrics[metric]?.direction === 'decrease' ? -1 : 1
  const gainOf = (variant: string): number => {
    const effect = comparisons[variant]?.effect.absolute
    return typeof effect === 'number' ? towards * effect : Number.NEGATIVE_INFINITY
  }
  const { variant = Object.keys(comparisons).toSorted((a, b) => gainOf(b) - gainOf(a))[0] ?? '' } = options
  const comparison = comparisons[variant]
  if (comparison === undefined)
    return notEstimable('no-data', `there is no comparison of ${metric} in ${variant || 'a treatment'}`)
  const { effect, standardError } = comparison
  if (typeof effect.absolute !== 'number') return effect.absolute
  if (typeof standardError !== 'number') return standardError
  if (!(standardError > 0)) return notEstimable('zero-variance', 'the standard error is 0')
  const lift = liftOf(minimumLift, evaluation.metrics[metric]?.variants[experiment.control]?.mean)
  if (typeof lift !== 'number') return lift

  const { days = durationMs(horizon) / 86_400_000, treatedShare = 0, priorWidth = null } = options
  const estimate = { mean: towards * effect.absolute, standardDeviation: standardError }
  const at = (width: number | null): LossAtPrior =>
    lossAt(experiment, estimate, lift, { width, treatedShare, days })
  return {
    schema: 'fairtrial.expected-loss/1',
    experiment: experiment.key,
    metric,
    variant,
    currency: experiment.costs?.currency ?? null,
    minimumLift: lift,
    days,
    ...at(priorWidth),
    sensitivity: PRIOR_WIDTHS.map(at),
  }
}

function lossAt(
  { analysis, costs }: Experiment,
  estimate: LossAtPrior['posterior'],
  lift: number,
  {
    width,
    treatedShare,
    days,
  }: { readonly width: number | null; readonly treatedShare: number; readonly days: number },
): LossAtPrior {
  const posterior = posteriorOf(estimate, width === null ? null : width * lift)
  const { mean, standardDeviation } = posterior
  const chanceOfHarm = normalCdf(-mean / standardDeviation)
  const treat = normalLoss(mean, standardDeviation)
  const withhold = normalLoss(-mean, standardDeviation)
  const units = analysis.expectedUnitsPerDay
  const { badLaunch, missedGainPerDay, abort } = costs ?? {}
  const priced = (loss: number): number | null =>
    missedGainPerDay === undefined ? null : (missedGainPerDay * loss) / lift
  const ship = badLaunch === undefined ? null : badLaunch * chanceOfHarm
  const missed = priced(days * withhold)
  const back = missed === null ? null : (abort ?? 0) + missed
  return {
    priorWidth: width,
    posterior,
    chanceOfHarm,
    perUnit: { treat, withhold },
    perDay: units === undefined ? null : { treat: units * treat, withhold: units * withhold },
    cost: { ship, hold: priced(treatedShare * treat + (1 - treatedShare) * withhold), abort: back },
    cheaper: ship === null || back === null ? null : ship <= back ? 'ship' : 'abort',
  }
}

/** Conjugate: precision-weighted towards no effect. */
function posteriorOf(
  { mean, standardDeviation }: LossAtPrior['posterior'],
  priorSd: number | null,
): LossAtPrior['posterior'] {
  if (priorSd === null) return { mean, standardDeviation }
  const share = 1 / (1 + (standardDeviation / priorSd) ** 2)
  return { mean: share * mean, standardDeviation: Math.sqrt(share) * standardDeviation }
}

function liftOf(
  lift: Experiment['hypothesis']['minimumLift'],
  controlMean: Estimate<number> | undefined,
): Estimate<number> {
  if ('absolute' in lift) return lift.absolute
  if (controlMean === undefined) return notEstimable('no-data', 'the mean of control is not known')
  if (typeof controlMean !== 'number') return controlMean
  return controlMean === 0
    ? notEstimable('zero-control-mean', 'the minimum lift is relative to a mean of 0')
    : lift.relative * Math.abs(controlMean)
}

function notEstimable(
  code: 'no-data' | 'zero-variance' | 'zero-control-mean',
  detail: string,
): Estimate<never> {
  return { notEstimable: { code, detail } }
}

import { type Estimable, notEstimable } from './estimable.ts'
import { type Interval, type LevelOptions, levelOf } from './interval.ts'
import { normalCdf, normalPdf, normalQuantile, normalSf } from './normal.ts'

/** What was believed of the effect before the data, written into the plan: a normal distribution. */
export interface NormalPrior {
  readonly mean: number
  /** > 0. */
  readonly variance: number
}

/** A range of effects too small to matter, on the scale of the effect. */
export interface PracticalEquivalence {
  readonly lower: number
  readonly upper: number
}

/** Posterior chances of an effect below, within and above the region of practical equivalence. */
export interface PracticalChances {
  readonly below: number
  readonly within: number
  readonly above: number
}

/** Choices of the normal model; fix them before the data. */
export interface NormalModelOptions extends LevelOptions {
  /** None by default: flat, the posterior is the data's own. On the scale of the effect, relative if that is. */
  readonly prior?: NormalPrior
  readonly practicalEquivalence?: PracticalEquivalence
}

/** A posterior of an effect. */
export interface EffectPosterior {
  /** P(treatment > control). */
  readonly chanceToWin: number
  /** What choosing treatment is expected to lose: E[(control − treatment)⁺], on the scale of the effect. */
  readonly expectedLossTreatment: number
  /** What staying with control is expected to lose: E[(treatment − control)⁺]. */
  readonly expectedLossControl: number
  /** Central credible interval of the effect. */
  readonly interval: Interval
  /** There when a region of practical equivalence was given. */
  readonly practical?: PracticalChances
}

/** The posterior of the normal model. */
export interface NormalPosterior extends EffectPosterior {
  readonly mean: number
  readonly sd: number
}

/**
 * The effect's posterior from its estimate and standard error and a normal prior: for any effect with a normal estimate,
 * absolute or relative. **Its error rates are not controlled when looked at many times**; say so where it is shown.
 */
export function normalModel(
  effect: { readonly estimate: number; readonly standardError: number },
  options?: NormalModelOptions,
): Estimable<NormalPosterior> {
  const level = levelOf(options)
  const { estimate, standardError } = effect
  const prior = options?.prior
  if (prior && !(prior.variance > 0 && Number.isFinite(prior.mean))) {
    throw new RangeError(
      `the prior has mean ${prior.mean} and variance ${prior.variance}: give a variance above 0`,
    )
  }
  if (!(Number.isFinite(estimate) && Number.isFinite(standardError))) {
    return notEstimable('non-finite', `the effect is ${estimate} with standard error ${standardError}`)
  }
  if (!(standardError > 0)) {
    return notEstimable('zero-variance', `a standard error of ${standardError} would claim certainty`)
  }
  const priorSd = prior ? Math.sqrt(prior.variance) : Number.POSITIVE_INFINITY
  // The precisions add up; by their roots, so that no square leaves the doubles.
  const sd = prior ? 1 / Math.hypot(1 / standardError, 1 / priorSd) : standardError
  const share = (sd / standardError) ** 2
  const mean = prior ? prior.mean + share * (estimate - prior.mean) : estimate
  if (!(sd > 0 && Number.isFinite(mean)))
    return notEstimable('non-finite', `the posterior is ${mean} ± ${sd}`)
  const reach = -normalQuantile((1 - level) / 2) * sd
  const region = options?.practicalEquivalence
  return {
    mean,
    sd,
    chanceToWin: normalCdf(mean / sd),
    expectedLossTreatment: normalLoss(mean, sd),
    expectedLossControl: normalLoss(-mean, sd),
    interval: { level, lower: mean - reach, upper: mean + reach },
    ...(region && { practical: chancesOf(region, mean, sd) }),
  }
}

/** E[(−X)⁺] of a normal X: what is lost where X falls below 0. */
export function normalLoss(mean: number, sd: number): number {
  const t = mean / sd
  // Beyond 37 standard deviations the two terms are 0 or −t to the last digit.
  if (t > 37) return 0
  if (t < -37) return -mean
  return Math.max(0, sd * (normalPdf(t) - t * normalSf(t)))
}

function chancesOf({ lower, upper }: PracticalEquivalence, mean: number, sd: number): PracticalChances {
  if (!(lower < upper))
    throw new RangeError(`practical equivalence from ${lower} to ${upper}: give lower < upper`)
  const [a, b] = [(lower - mean) / sd, (upper - mean) / sd]
  // From the nearer tail, so that a small chance keeps its digits.
  const within = a > 0 ? normalSf(a) - normalSf(b) : normalCdf(b) - normalCdf(a)
  return { below: normalCdf(a), within, above: normalSf(b) }
}

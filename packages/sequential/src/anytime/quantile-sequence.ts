import {
  type Estimable,
  type Interval,
  isEstimable,
  notEstimable,
  sampleQuantile,
} from '@fairtrial/statistics'
import { checkQuantile, doubleStitchingBound, type DoubleStitching } from './stitching.ts'
import { mixtureBound } from './sum-mixture.ts'
import { checkAlpha, checkPositive, checkRho, type TwoSidedSequence } from './tuning.ts'

/** How far ranks may stray from n p: the bounds are above 0, in values. */
export interface RankExcess {
  /** More than n p + `above` values below the quantile: never, but for half of alpha. */
  readonly above: number
  /** Fewer than n p − `below` values at or below the quantile: never, but for the other half. */
  readonly below: number
}

/** A quantile with the interval that is valid at this look and at every other. */
export interface AnytimeQuantile {
  readonly n: number
  readonly p: number
  readonly quantile: number
  /** Values that occurred; infinite on a side where there are too few values yet. */
  readonly interval: Interval
}

/**
 * How far the rank of the p quantile may stray from n p, at every n, alpha for both sides: the one-sided beta-binomial
 * mixture on the count of values below it (Howard & Ramdas, Sequential estimation of quantiles, Bernoulli 28, 2022).
 * `rho` is in values: `explicitTuning({ alpha, tunedAt })`, which tunes each side for its half.
 */
export function quantileRankExcess(n: number, p: number, { rho, alpha }: TwoSidedSequence): RankExcess {
  checkRho(rho)
  checkAlpha(alpha)
  checkQuantile(p)
  checkPositive('n', n, 'give the number of values')
  const spread = p * (1 - p)
  const excess = (below: number, above: number) => {
    const by = { type: 'beta-binomial', rho: rho * spread, below, above, sides: 1 } as const
    const bound = mixtureBound(n * spread, by, alpha / 2)
    // So few values that no rank is excluded: rounding must not make one of n p ± the bound.
    return bound === (n * spread) / below ? bound + n * 4 * Number.EPSILON : bound
  }
  return { above: excess(p, 1 - p), below: excess(1 - p, p) }
}

/**
 * One quantile, such as a median or the 99th percentile of latency, of values sorted in ascending order, with an
 * interval that holds whatever the distribution and however often one looks ({@link quantileRankExcess}).
 *
 * The values must be independent: one a randomized unit, such as a user's median latency. Requests are not; those of
 * one user resemble each other, and the interval would be far too narrow.
 */
export function anytimeQuantile(
  sorted: ArrayLike<number>,
  p: number,
  options: TwoSidedSequence,
): Estimable<AnytimeQuantile> {
  checkQuantile(p)
  return quantileWithin(sorted, p, options.alpha, (n) => quantileRankExcess(n, p, options))
}

/**
 * As {@link anytimeQuantile}, with one error for every quantile asked for and every look: choose p after seeing the data
 * ({@link doubleStitchingBound}). One value a randomized unit.
 */
export function anytimeAnyQuantile(
  sorted: ArrayLike<number>,
  p: number,
  options: DoubleStitching,
): Estimable<AnytimeQuantile> {
  checkQuantile(p)
  return quantileWithin(sorted, p, options.alpha, (n) => ({
    above: doubleStitchingBound(n, p, options),
    below: doubleStitchingBound(n, 1 - p, options),
  }))
}

function quantileWithin(
  sorted: ArrayLike<number>,
  p: number,
  alpha: number,
  excessAt: (n: number) => RankExcess,
): Estimable<AnytimeQuantile> {
  const n = sorted.length
  const strange = disorder(sorted, 'the values')
  if (strange) return strange
  const estimate = sampleQuantile(sorted, p)
  if (!isEstimable(estimate)) return estimate
  const { above, below } = excessAt(n)
  // At least n p − below values are at or below the quantile, at most n p + above lie below it.
  const low = Math.ceil(n * p - below)
  const high = Math.floor(n * p + above) + 1
  return {
    n,
    p,
    quantile: estimate.quantile,
    interval: {
      level: 1 - alpha,
      lower: low < 1 ? Number.NEGATIVE_INFINITY : sorted[low - 1]!,
      upper: high > n ? Number.POSITIVE_INFINITY : sorted[high - 1]!,
    },
  }
}

/** Why these values have no quantiles; undefined when they have. Throws when they are not sorted. */
export function disorder(sorted: ArrayLike<number>, name: string) {
  for (let i = 0; i < sorted.length; i++) {
    const value = sorted[i]!
    if (!Number.isFinite(value)) return notEstimable('non-finite', `among ${name} is ${value}`)
    if (i > 0 && value < sorted[i - 1]!) {
      throw new RangeError(`${name} have ${value} after ${sorted[i - 1]}: sort them in ascending order`)
    }
  }
  return undefined
}

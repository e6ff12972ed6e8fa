import type { EstimatedMean } from './arm.ts'
import type { CrossMoments } from './cross-moments.ts'
import { type Estimable, isEstimable, notEstimable } from './estimable.ts'
import { type Interval, type LevelOptions, levelOf } from './interval.ts'
import { normalQuantile } from './normal.ts'
import { estimatedRatio } from './ratio.ts'

/** The nine definitions of R. Hyndman & Y. Fan, Sample quantiles in statistical packages, The American Statistician 50, 1996. */
export type QuantileType = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9

// A rank that misses a whole number by rounding alone is that number.
const FUZZ = 4 * Number.EPSILON

/**
 * The sample quantile at p in [0, 1] of values sorted in ascending order. Type 7, the default, is that of R, numpy and
 * spreadsheets; 1 to 3 are values that occur; 8 is median-unbiased whatever the distribution.
 */
export function sampleQuantile(
  sorted: ArrayLike<number>,
  p: number,
  type: QuantileType = 7,
): Estimable<{
  readonly quantile: number
}> {
  const n = sorted.length
  if (!(p >= 0 && p <= 1)) throw new RangeError(`p is ${p}: give a share between 0 and 1`)
  if (n === 0) return notEstimable('no-data', 'there are no values to take a quantile of')
  // Sorting puts what is no number last.
  if (Number.isNaN(sorted[n - 1])) return notEstimable('non-finite', 'a value is NaN')
  const [rank, share] = type <= 3 ? steppedRank(n * p, type) : smoothRank(n, p, type)
  const at = (i: number) => sorted[Math.min(n, Math.max(1, i)) - 1]!
  const lower = at(rank)
  const upper = at(rank + 1)
  const quantile =
    share === 0 || lower === upper ? lower : share === 1 ? upper : (1 - share) * lower + share * upper
  if (Number.isFinite(quantile)) return { quantile }
  return notEstimable('non-finite', `the quantile is ${quantile}`)
}

/** The rank below, and how far to the next: all, half or none of the way. */
function steppedRank(np: number, type: QuantileType): readonly [number, number] {
  const position = type === 3 ? np - 0.5 : np
  const rank = Math.floor(position + FUZZ)
  if (type === 3) return [rank, Math.abs(position - rank) > FUZZ || Math.abs(rank % 2) === 1 ? 1 : 0]
  const isBeyond = position > rank + FUZZ
  return [rank, isBeyond ? 1 : type === 2 ? 0.5 : 0]
}

/** Where the types from 4 on put the quantile between two values: a + p (n + 1 − a − b). */
function smoothRank(n: number, p: number, type: QuantileType): readonly [number, number] {
  const a = { 4: 0, 5: 0.5, 6: 0, 7: 1, 8: 1 / 3, 9: 3 / 8 }[type as 4 | 5 | 6 | 7 | 8 | 9]
  const b = type === 4 ? 1 : a
  const position = a + p * (n + 1 - a - b)
  const rank = Math.floor(position + FUZZ)
  const share = position - rank
  return [rank, Math.abs(share) < FUZZ ? 0 : share]
}

/** A quantile with the order statistics that bound it. */
export interface QuantileInterval extends Interval {
  readonly n: number
  /** The quantile's p. */
  readonly p: number
  readonly quantile: number
}

/**
 * A quantile with a distribution-free interval of independent values: the order statistics whose ranks lie
 * z √(n p (1 − p)) around n p. Not estimable when they lie outside the sample.
 */
export function quantileInterval(
  sorted: ArrayLike<number>,
  p: number,
  options?: LevelOptions,
): Estimable<QuantileInterval> {
  const level = levelOf(options)
  const estimate = sampleQuantile(sorted, p)
  if (!isEstimable(estimate)) return estimate
  const n = sorted.length
  const reach = -normalQuantile((1 - level) / 2) * Math.sqrt(n * p * (1 - p))
  const low = Math.floor(n * p - reach)
  const high = Math.ceil(n * p + reach) + 1
  if (low < 1 || high > n) {
    return notEstimable('too-few-units', `${n} values do not bound their ${p} quantile at level ${level}`)
  }
  return { n, p, level, quantile: estimate.quantile, lower: sorted[low - 1]!, upper: sorted[high - 1]! }
}

/**
 * A quantile as an estimate that can be compared (`differenceOfEstimates`, `deltaLift`): the variance from the width of
 * its interval, ((upper − lower) / 2 z)² (n − 1)/n.
 */
export function estimatedQuantile(interval: QuantileInterval): Estimable<EstimatedMean> {
  const { n, quantile, lower, upper, level } = interval
  if (![quantile, lower, upper].every(Number.isFinite)) {
    return notEstimable('non-finite', `a quantile of ${quantile} between ${lower} and ${upper}`)
  }
  if (!(n > 1)) return notEstimable('too-few-units', `${n} values do not bound a quantile`)
  if (!(upper > lower)) {
    return notEstimable('zero-variance', `the quantile lies in a heap of equal values: ${lower} to ${upper}`)
  }
  const standardError = (upper - lower) / (-2 * normalQuantile((1 - level) / 2))
  const variance = standardError ** 2 * ((n - 1) / n)
  if (!Number.isFinite(variance))
    return notEstimable('non-finite', `the variance of the quantile is ${variance}`)
  return { mean: quantile, variance, degreesOfFreedom: n - 1 }
}

/** What an estimate of a quantile of clustered values is made of. */
export interface ClusteredQuantile {
  /** As if the values were independent. */
  readonly interval: QuantileInterval
  /** For each randomized unit: x, how many values it has; y, how many of these are at most the quantile. */
  readonly clusters: CrossMoments
  /** `clusters`, the default, takes their number − 1; `values` that of the values, which is too sure with few clusters. */
  readonly degreesOfFreedom?: 'clusters' | 'values'
}

/**
 * A quantile of values that come in clusters, such as the latency of a user's requests: the variance of independent
 * values, times how much larger the variance of the share below the quantile is than p (1 − p)/n (A. Deng, U. Knoblich
 * & J. Lu, KDD 2018).
 */
export function estimatedClusteredQuantile(clustered: ClusteredQuantile): Estimable<EstimatedMean> {
  const { interval, clusters, degreesOfFreedom = 'clusters' } = clustered
  const estimate = estimatedQuantile(interval)
  if (!isEstimable(estimate)) return estimate
  const share = estimatedRatio(clusters, 'the clusters')
  if (!isEstimable(share)) return share
  const factor = share.variance / ((interval.p * (1 - interval.p)) / interval.n)
  if (!(factor > 0))
    return notEstimable('zero-variance', 'every cluster has the same share below the quantile')
  return {
    mean: interval.quantile,
    variance: estimate.variance * factor,
    degreesOfFreedom: (degreesOfFreedom === 'clusters' ? clusters.n : interval.n) - 1,
  }
}

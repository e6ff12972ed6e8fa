import { normalQuantile } from './normal.ts'
import { smallestCount } from './smallest-count.ts'
import { deviance } from './special/deviance.ts'
import { incompleteGamma, type Tails, tailsFromLog } from './special/incomplete-gamma.ts'
import { stirlingError } from './special/log-gamma.ts'

/** ln P(X = k) of a Poisson count with this mean > 0; −Infinity where k is not a whole number ≥ 0. */
export function poissonLogPmf(k: number, mean: number): number {
  if (!isMean(mean) || Number.isNaN(k)) return Number.NaN
  if (!(Number.isInteger(k) && k >= 0)) return Number.NEGATIVE_INFINITY
  if (k === 0) return -mean
  return -deviance(k, mean) - stirlingError(k) - 0.5 * Math.log(2 * Math.PI * k)
}

/** P(X = k) of a Poisson count. */
export function poissonPmf(k: number, mean: number): number {
  return Math.exp(poissonLogPmf(k, mean))
}

/** P(X ≤ k) of a Poisson count with this mean > 0. */
export function poissonCdf(k: number, mean: number): number {
  return tailsAt(k, mean).lower
}

/** P(X > k), strictly more than k; keeps its digits down to 1e-300. */
export function poissonSf(k: number, mean: number): number {
  return tailsAt(k, mean).upper
}

/** ln P(X ≤ k), also where the probability itself is too small for a double. */
export function poissonLogCdf(k: number, mean: number): number {
  return tailsAt(k, mean).logLower
}

/** ln P(X > k), also where the probability itself is too small for a double. */
export function poissonLogSf(k: number, mean: number): number {
  return tailsAt(k, mean).logUpper
}

/** The smallest k with P(X ≤ k) ≥ probability; Infinity at 1, NaN outside [0, 1]. */
export function poissonQuantile(probability: number, mean: number): number {
  if (!(probability >= 0 && probability <= 1) || !isMean(mean)) return Number.NaN
  if (probability === 0) return 0
  if (probability === 1) return Number.POSITIVE_INFINITY
  const z = normalQuantile(probability)
  const start = mean + z * Math.sqrt(mean) + (z * z - 1) / 6
  return smallestCount((k) => tailsAt(k, mean), probability, start, Number.POSITIVE_INFINITY)
}

/** P(X ≤ k) = Q(k + 1, mean) (Abramowitz & Stegun 26.4.21). */
function tailsAt(k: number, mean: number): Tails {
  if (!isMean(mean) || Number.isNaN(k)) return tailsFromLog(Number.NaN, true)
  if (k < 0) return tailsFromLog(Number.NEGATIVE_INFINITY, true)
  if (k === Number.POSITIVE_INFINITY) return tailsFromLog(Number.NEGATIVE_INFINITY, false)
  const { lower, upper, logLower, logUpper } = incompleteGamma(Math.floor(k) + 1, mean)
  return { lower: upper, upper: lower, logLower: logUpper, logUpper: logLower }
}

function isMean(mean: number): boolean {
  return mean > 0 && Number.isFinite(mean)
}

import { normalQuantile } from './normal.ts'
import { smallestCount } from './smallest-count.ts'
import { deviance } from './special/deviance.ts'
import { excess } from './special/exact-product.ts'
import { incompleteBeta } from './special/incomplete-beta.ts'
import { type Tails, tailsFromLog } from './special/incomplete-gamma.ts'
import { stirlingError } from './special/log-gamma.ts'

/**
 * ln P(X = k) of k successes in n trials of probability p, in the saddle-point form of C. Loader (Fast and accurate
 * computation of binomial probabilities, 2000). −Infinity where k is not a whole number in [0, n].
 */
export function binomialLogPmf(k: number, n: number, p: number): number {
  if (!isBinomial(n, p) || Number.isNaN(k)) return Number.NaN
  if (!(Number.isInteger(k) && k >= 0 && k <= n)) return Number.NEGATIVE_INFINITY
  if (k === 0) return n === 0 ? 0 : n * Math.log1p(-p)
  if (k === n) return n * Math.log(p)
  if (p === 0 || p === 1) return Number.NEGATIVE_INFINITY
  const failures = n - k
  const surplus = excess(k, n, p)
  return (
    stirlingError(n) -
    stirlingError(k) -
    stirlingError(failures) -
    deviance(k, n * p, surplus) -
    deviance(failures, n * (1 - p), -surplus) -
    0.5 * Math.log(2 * Math.PI * k * (failures / n))
  )
}

/** P(X = k) of k successes in n trials of probability p. */
export function binomialPmf(k: number, n: number, p: number): number {
  return Math.exp(binomialLogPmf(k, n, p))
}

/** P(X ≤ k) of the binomial distribution; n a whole number ≥ 0, p in [0, 1]. */
export function binomialCdf(k: number, n: number, p: number): number {
  return tailsAt(k, n, p).lower
}

/** P(X > k), strictly more than k; keeps its digits down to 1e-300. */
export function binomialSf(k: number, n: number, p: number): number {
  return tailsAt(k, n, p).upper
}

/** ln P(X ≤ k), also where the probability itself is too small for a double. */
export function binomialLogCdf(k: number, n: number, p: number): number {
  return tailsAt(k, n, p).logLower
}

/** ln P(X > k), also where the probability itself is too small for a double. */
export function binomialLogSf(k: number, n: number, p: number): number {
  return tailsAt(k, n, p).logUpper
}

/** The smallest k with P(X ≤ k) ≥ probability; NaN for a probability outside [0, 1]. */
export function binomialQuantile(probability: number, n: number, p: number): number {
  if (!(probability >= 0 && probability <= 1) || !isBinomial(n, p)) return Number.NaN
  if (probability === 0 || p === 0) return 0
  if (probability === 1 || p === 1) return n
  const start = n * p + normalQuantile(probability) * Math.sqrt(n * p * (1 - p))
  return smallestCount((k) => tailsAt(k, n, p), probability, start, n)
}

/** P(X ≤ k) = I_{1−p}(n − k, k + 1) (Abramowitz & Stegun 26.5.24). */
function tailsAt(k: number, n: number, p: number): Tails {
  if (!isBinomial(n, p) || Number.isNaN(k)) return tailsFromLog(Number.NaN, true)
  const whole = Math.floor(k)
  if (whole < 0) return tailsFromLog(Number.NEGATIVE_INFINITY, true)
  if (whole >= n) return tailsFromLog(Number.NEGATIVE_INFINITY, false)
  return incompleteBeta(1 - p, n - whole, whole + 1, p)
}

function isBinomial(n: number, p: number): boolean {
  return Number.isInteger(n) && n >= 0 && p >= 0 && p <= 1
}

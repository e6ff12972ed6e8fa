import { chiSquareQuantile } from './chi-square.ts'
import { incompleteGamma } from './special/incomplete-gamma.ts'

/** P(X ≤ x) of the gamma distribution with a shape > 0 and a rate > 0 (1 / scale; 1 by default). */
export function gammaCdf(x: number, shape: number, rate = 1): number {
  return incompleteGamma(shape, Math.max(0, x) * rate).lower
}

/** P(X > x) of the gamma distribution; keeps its digits down to 1e-300. */
export function gammaSf(x: number, shape: number, rate = 1): number {
  return incompleteGamma(shape, Math.max(0, x) * rate).upper
}

/** ln P(X ≤ x), also where the probability itself is too small for a double. */
export function gammaLogCdf(x: number, shape: number, rate = 1): number {
  return incompleteGamma(shape, Math.max(0, x) * rate).logLower
}

/** ln P(X > x), also where the probability itself is too small for a double. */
export function gammaLogSf(x: number, shape: number, rate = 1): number {
  return incompleteGamma(shape, Math.max(0, x) * rate).logUpper
}

/** The x with P(X ≤ x) = p, for p in [0, 1]; NaN outside. */
export function gammaQuantile(p: number, shape: number, rate = 1): number {
  return chiSquareQuantile(p, 2 * shape) / 2 / rate
}

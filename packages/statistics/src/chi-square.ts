import { normalQuantile } from './normal.ts'
import { incompleteGamma } from './special/incomplete-gamma.ts'
import { logGamma } from './special/log-gamma.ts'
import { solveDecreasing } from './special/solve.ts'

/** P(X ≤ x) of the chi-square distribution; df > 0, any real number. */
export function chiSquareCdf(x: number, df: number): number {
  return x <= 0 ? 0 : incompleteGamma(df / 2, x / 2).lower
}

/** P(X > x) of the chi-square distribution; keeps its digits down to 1e-300. */
export function chiSquareSf(x: number, df: number): number {
  return x <= 0 ? 1 : incompleteGamma(df / 2, x / 2).upper
}

/** ln P(X > x), also where the probability itself is too small for a double. */
export function chiSquareLogSf(x: number, df: number): number {
  return x <= 0 ? 0 : incompleteGamma(df / 2, x / 2).logUpper
}

/** The x with P(X ≤ x) = p, for p in [0, 1]; NaN outside. */
export function chiSquareQuantile(p: number, df: number): number {
  if (!(p >= 0 && p <= 1) || !(df > 0)) return Number.NaN
  if (p === 0) return 0
  if (p === 1) return Number.POSITIVE_INFINITY
  const a = df / 2
  const isLower = p <= 0.5
  const target = isLower ? Math.log(p) : Math.log1p(-p)
  // In w = −ln x (lower tail) or ln x (upper tail) the log tail is concave and decreasing: Newton's home.
  const sign = isLower ? -1 : 1
  const w = solveDecreasing((at) => {
    const logX = sign * at
    const x = Math.exp(logX)
    const tails = incompleteGamma(a, x)
    const logTail = isLower ? tails.logLower : tails.logUpper
    return { value: logTail - target, slope: -Math.exp(a * logX - x - logGamma(a) - logTail) }
  }, sign * logStart(p, a))
  return 2 * Math.exp(sign * w)
}

/** A first guess of ln(x/2): Wilson & Hilferty's cube root, or the first term of the series far below. */
function logStart(p: number, a: number): number {
  const spread = 1 / (9 * a)
  const root = 1 - spread + normalQuantile(p) * Math.sqrt(spread)
  const series = (Math.log(p) + logGamma(a + 1)) / a
  return root > 0.3 ? Math.log(a) + 3 * Math.log(root) : series
}

import { normalCdf, normalLogSf, normalQuantile, normalSf } from './normal.ts'
import { incompleteBeta } from './special/incomplete-beta.ts'
import { logBeta } from './special/log-gamma.ts'
import { solveDecreasing } from './special/solve.ts'

/**
 * ln P(|T| > t) for t ≥ 0. Below t² = 3 the middle is summed and taken from one, above it the tails themselves:
 * neither way loses a digit, at any degrees of freedom.
 */
export function logTwoSidedTail(t: number, df: number): number {
  if (df === Number.POSITIVE_INFINITY) return Math.LN2 + normalLogSf(t)
  if (t * t < 3) return Math.log1p(-2 * centralMass(t, df))
  if (t > 1e150) {
    // x = df/(df + t²) would underflow before the tail does; its first term is all there is out here.
    const logX = Math.log(df) - 2 * Math.log(t)
    return 0.5 * df * logX - Math.log(df / 2) - logBeta(df / 2, 0.5)
  }
  const square = t * t
  return incompleteBeta(df / (df + square), df / 2, 0.5, square / (df + square)).logLower
}

/** ln P(T > t) for t ≥ 0. */
function logUpperTail(t: number, df: number): number {
  return logTwoSidedTail(t, df) - Math.LN2
}

/** P(0 < T ≤ t) for t ≥ 0. */
function centralMass(t: number, df: number): number {
  if (df === Number.POSITIVE_INFINITY) return normalCdf(t) - 0.5
  const square = t * t
  return 0.5 * incompleteBeta(square / (df + square), 0.5, df / 2, df / (df + square)).lower
}

/** P(T ≤ t) of Student's t distribution; df > 0, any real number, Infinity for the normal distribution. */
export function studentTCdf(t: number, df: number): number {
  return studentTSf(-t, df)
}

/** P(T > t) of Student's t distribution; keeps its digits down to 1e-300. */
export function studentTSf(t: number, df: number): number {
  if (!(df > 0) || Number.isNaN(t)) return Number.NaN
  if (df === Number.POSITIVE_INFINITY) return normalSf(t)
  if (t * t < 3) return t >= 0 ? 0.5 - centralMass(t, df) : 0.5 + centralMass(-t, df)
  const tail = Math.exp(logUpperTail(Math.abs(t), df))
  return t > 0 ? tail : 1 - tail
}

/** ln P(T > t), also where the probability itself is too small for a double. */
export function studentTLogSf(t: number, df: number): number {
  if (!(df > 0) || Number.isNaN(t)) return Number.NaN
  return t >= 0 ? logUpperTail(t, df) : Math.log1p(-studentTSf(-t, df))
}

/** ln of the density of Student's t distribution. */
function logPdf(t: number, df: number): number {
  return -0.5 * (df + 1) * Math.log1p((t * t) / df) - 0.5 * Math.log(df) - logBeta(df / 2, 0.5)
}

/**
 * The t with P(T ≤ t) = p, for p in [0, 1]; NaN outside. For an upper tail probability q write
 * `-studentTQuantile(q, df)`, which keeps the digits that 1 − q would lose.
 *
 * Newton's steps on the logarithm of the tail against asinh(t), in which heavy tails are straight lines.
 */
export function studentTQuantile(p: number, df: number): number {
  if (!(p >= 0 && p <= 1) || !(df > 0)) return Number.NaN
  if (p > 0.5) return -studentTQuantile(1 - p, df)
  if (p === 0.5) return 0
  if (p === 0) return Number.NEGATIVE_INFINITY
  if (df === Number.POSITIVE_INFINITY) return normalQuantile(p)
  const z = -normalQuantile(p)
  if (df >= NEARLY_NORMAL * Math.max(1, z * z)) return -nearlyNormalQuantile(z, df)
  if (p > 0.25) {
    const mass = 0.5 - p
    return -solveDecreasing((t) => {
      const value = t <= 0 ? mass : mass - centralMass(t, df)
      return { value, slope: -Math.exp(logPdf(t, df)) }
    }, z)
  }
  const target = Math.log(p)
  const start = Math.min(z + (z ** 3 + z) / (4 * df), Math.exp(Math.min((-target + 1) / df, 690)) * (1 + z))
  const w = solveDecreasing((at) => {
    const t = Math.sinh(at)
    const logTail = at <= 0 ? Math.log(0.5) : logUpperTail(t, df)
    return { value: logTail - target, slope: -Math.exp(logPdf(t, df) - logTail) * Math.cosh(at) }
  }, Math.asinh(start))
  return -Math.sinh(w)
}

/** From so many degrees of freedom on, for each unit of z² above 1, the series below has every digit of a double. */
const NEARLY_NORMAL = 200

/** The t that has normal's z, as a series in 1/df (Fisher & Cornish, Technometrics 2, 1960). */
function nearlyNormalQuantile(z: number, df: number): number {
  const s = z * z
  const first = (s + 1) / 4
  const second = ((5 * s + 16) * s + 3) / 96
  const third = (((3 * s + 19) * s + 17) * s - 15) / 384
  const fourth = ((((79 * s + 776) * s + 1_482) * s - 1_920) * s - 945) / 92_160
  const fifth = (((((27 * s + 339) * s + 930) * s - 1_782) * s - 765) * s + 17_955) / 368_640
  return z * (1 + (first + (second + (third + (fourth + fifth / df) / df) / df) / df) / df)
}

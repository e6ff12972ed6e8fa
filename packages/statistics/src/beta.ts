import { normalQuantile } from './normal.ts'
import { incompleteBeta } from './special/incomplete-beta.ts'
import { type Tails, tailsFromLog } from './special/incomplete-gamma.ts'
import { logBeta } from './special/log-gamma.ts'
import { solveDecreasing } from './special/solve.ts'

/** P(X ≤ x) of the beta distribution; a, b > 0. */
export function betaCdf(x: number, a: number, b: number): number {
  return betaTails(clampToUnit(x), a, b).lower
}

/** P(X > x) of the beta distribution; keeps its digits down to 1e-300. */
export function betaSf(x: number, a: number, b: number): number {
  return betaTails(clampToUnit(x), a, b).upper
}

/** ln P(X ≤ x), also where the probability itself is too small for a double. */
export function betaLogCdf(x: number, a: number, b: number): number {
  return betaTails(clampToUnit(x), a, b).logLower
}

/** ln P(X > x), also where the probability itself is too small for a double. */
export function betaLogSf(x: number, a: number, b: number): number {
  return betaTails(clampToUnit(x), a, b).logUpper
}

/**
 * The x with P(X ≤ x) = p, for p in [0, 1]; NaN outside. For an upper tail probability q write
 * `1 - betaQuantile(q, b, a)`, which keeps the digits that 1 − q would lose.
 */
export function betaQuantile(p: number, a: number, b: number): number {
  return shareOf(betaLogOdds(p, a, b))
}

/** The x with P(X > x) = q, right to its last digit also where x is small. */
export function betaUpperQuantile(q: number, a: number, b: number): number {
  return shareOf(-betaLogOdds(q, b, a))
}

function shareOf(logOdds: number): number {
  return logOdds < 0 ? Math.exp(logOdds) / (1 + Math.exp(logOdds)) : 1 / (1 + Math.exp(-logOdds))
}

/** Both tails at x, where y is 1 − x as well as it is known: powers where a shape is 1, incomplete beta functions else. */
export function betaTails(x: number, a: number, b: number, y: number = 1 - x): Tails {
  if (b === 1 && a > 0) return tailsFromEither(a * (x < 0.5 ? Math.log(x) : Math.log1p(-y)), true)
  if (a === 1 && b > 0) return tailsFromEither(b * (y < 0.5 ? Math.log(y) : Math.log1p(-x)), false)
  return incompleteBeta(x, a, b, y)
}

/**
 * ln(x / (1 − x)) of the beta quantile x at p. On this scale both log tails of every beta distribution are concave:
 * Newton's home, however near x comes to 0 or 1.
 */
export function betaLogOdds(p: number, a: number, b: number): number {
  if (!(p >= 0 && p <= 1 && a > 0 && b > 0)) return Number.NaN
  if (p === 0) return Number.NEGATIVE_INFINITY
  if (p === 1) return Number.POSITIVE_INFINITY
  return p <= 0.5 ? lowerLogOdds(Math.log(p), p, a, b) : -lowerLogOdds(Math.log1p(-p), 1 - p, b, a)
}

/** The log odds of the quantile at p ≤ ½, given with its logarithm; begun at the normal's, or at the first term. */
function lowerLogOdds(logP: number, p: number, a: number, b: number): number {
  // So far below, where x itself is no double any more, the first term of the series is all there is.
  const first = (logP + Math.log(a) + logBeta(a, b)) / a
  if (first < -700) return first
  const w = solveDecreasing(
    (at) => {
      const odds = Math.exp(-at)
      const tails = betaTails(odds / (1 + odds), a, b, 1 / (1 + odds))
      const logDensity = -a * at - (a + b) * Math.log1p(odds) - logBeta(a, b)
      return { value: tails.logLower - logP, slope: -Math.exp(logDensity - tails.logLower) }
    },
    -(a > 1 && b > 1 ? Math.log(a / b) + normalQuantile(p) * Math.sqrt(1 / a + 1 / b) : first),
  )
  return -w
}

function clampToUnit(x: number): number {
  return Math.min(1, Math.max(0, x))
}

/** Both tails from the logarithm of one, whichever of them is the smaller. */
function tailsFromEither(logTail: number, isLower: boolean): Tails {
  return logTail < -Math.LN2
    ? tailsFromLog(logTail, isLower)
    : tailsFromLog(Math.log(-Math.expm1(logTail)), !isLower)
}

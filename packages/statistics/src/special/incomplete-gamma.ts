import { deviance } from './deviance.ts'
import { logGamma, stirlingError } from './log-gamma.ts'

/** Both tails of a distribution at a point, and their logarithms, each as exact as a double can say it. */
export interface Tails {
  readonly lower: number
  readonly upper: number
  readonly logLower: number
  readonly logUpper: number
}

const EPSILON = 2 ** -53
const TINY = 1e-300
const MAX_TERMS = 1_000_000

/** Both tails from the logarithm of the smaller one. */
export function tailsFromLog(logTail: number, isLower: boolean): Tails {
  const tail = Math.exp(logTail)
  const rest = -Math.expm1(logTail)
  const logRest = Math.log1p(-tail)
  return isLower
    ? { lower: tail, upper: rest, logLower: logTail, logUpper: logRest }
    : { lower: rest, upper: tail, logLower: logRest, logUpper: logTail }
}

/** ln( x^a e^−x / Γ(a + 1) ). */
function logPoisson(a: number, x: number): number {
  if (a < 1) return a * Math.log(x) - x - logGamma(a + 1)
  return -deviance(a, x) - stirlingError(a) - 0.5 * Math.log(2 * Math.PI * a)
}

/**
 * The regularised incomplete gamma functions P(a, x) (`lower`) and Q(a, x) (`upper`), a > 0, x ≥ 0.
 *
 * A series of positive terms below x = a + 1, Legendre's continued fraction above (Abramowitz & Stegun
 * 6.5.29 and 6.5.31), scaled by a saddle-point form of the density, so that a of a million costs no digits.
 */
export function incompleteGamma(a: number, x: number): Tails {
  if (!(a > 0) || !(x >= 0)) return tailsFromLog(Number.NaN, true)
  if (x === 0) return tailsFromLog(Number.NEGATIVE_INFINITY, true)
  if (x === Number.POSITIVE_INFINITY) return tailsFromLog(Number.NEGATIVE_INFINITY, false)
  const logScale = logPoisson(a, x)
  return x < a + (a < 1 ? 0.5 : 1)
    ? tailsFromLog(logScale + Math.log(seriesBelow(a, x)), true)
    : tailsFromLog(logScale + Math.log(a) + Math.log(fractionAbove(a, x)), false)
}

/** P(a, x) in units of x^a e^−x / Γ(a + 1): 1 + x/(a+1) + x²/((a+1)(a+2)) + … */
function seriesBelow(a: number, x: number): number {
  let sum = 1
  let term = 1
  for (let k = 1; k < MAX_TERMS && term > EPSILON * sum; k++) {
    term *= x / (a + k)
    sum += term
  }
  return sum
}

/** Q(a, x) in units of x^a e^−x / Γ(a), by Lentz's method. */
function fractionAbove(a: number, x: number): number {
  let b = x + 1 - a
  let c = 1 / TINY
  let d = 1 / b
  let value = d
  for (let k = 1; k < MAX_TERMS; k++) {
    const numerator = k * (a - k)
    b += 2
    d = 1 / nonZero(numerator * d + b)
    c = nonZero(b + numerator / c)
    const step = d * c
    value *= step
    if (Math.abs(step - 1) <= EPSILON * 2) break
  }
  return value
}

/** Lentz's method divides by its terms: a term that is 0 becomes a tiny one. */
export function nonZero(term: number): number {
  return Math.abs(term) < TINY ? TINY : term
}

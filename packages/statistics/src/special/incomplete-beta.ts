import { deviance } from './deviance.ts'
import { excess } from './exact-product.ts'
import { nonZero, type Tails, tailsFromLog } from './incomplete-gamma.ts'
import { logBeta, stirlingError } from './log-gamma.ts'

const EPSILON = 2 ** -53
const MAX_TERMS = 1_000_000

/**
 * The regularised incomplete beta functions I_x(a, b) (`lower`) and 1 − I_x(a, b) (`upper`), a, b > 0.
 *
 * `y` is 1 − x: give it when it is known better than the subtraction says it (Student's t at a million degrees
 * of freedom has y near 1e-7, and every digit of the answer is in y). The tail on the nearer side is summed by
 * the hypergeometric series of positive terms or by the continued fraction of DiDonato & Morris (TOMS 708,
 * 1992, eq. 9), in which x and y stand without cancelling.
 *
 * Right while the smaller shape is at most 1e10: beyond, the fraction stops short of its value (by 1e-3 at 1e11).
 */
export function incompleteBeta(x: number, a: number, b: number, y: number = 1 - x): Tails {
  if (!(a > 0 && b > 0 && x >= 0 && y >= 0)) return tailsFromLog(Number.NaN, true)
  if (x === 0) return tailsFromLog(Number.NEGATIVE_INFINITY, true)
  if (y === 0) return tailsFromLog(Number.NEGATIVE_INFINITY, false)
  // (a + 1) y − (b + 1) x > 0 says that x lies below the bulk of the distribution.
  return (a + 1) * y >= (b + 1) * x
    ? tailsFromLog(logLowerTail(x, a, b, y), true)
    : tailsFromLog(logLowerTail(y, b, a, x), false)
}

function logLowerTail(x: number, a: number, b: number, y: number): number {
  const density = logPower(x, a, b, y)
  if (x <= 0.5 && (a + b) * x <= a + 2) return density - Math.log(a) + Math.log(hypergeometric(x, a, b))
  return density + Math.log(continuedFraction(x, a, b, y))
}

/** ln( x^a y^b / B(a, b) ), for large a and b in the saddle-point form of Loader (2000). */
function logPower(x: number, a: number, b: number, y: number): number {
  if (Math.min(a, b) < 1) {
    const logX = x < 0.5 ? Math.log(x) : Math.log1p(-y)
    const logY = y < 0.5 ? Math.log(y) : Math.log1p(-x)
    return a * logX + b * logY - logBeta(a, b)
  }
  const n = a + b
  const difference = distanceFromMean(x, a, b, y)
  return (
    stirlingError(n) -
    stirlingError(a) -
    stirlingError(b) -
    deviance(a, n * x, difference) -
    deviance(b, n * y, -difference) +
    0.5 * (Math.log(Math.min(a, b) / (2 * Math.PI)) + Math.log(Math.max(a, b) / n))
  )
}

/** 1 + (a+b)/(a+1) x + (a+b)(a+b+1)/((a+1)(a+2)) x² + … */
function hypergeometric(x: number, a: number, b: number): number {
  let sum = 1
  let term = 1
  for (let k = 0; k < MAX_TERMS && term > EPSILON * sum; k++) {
    term *= ((a + b + k) / (a + 1 + k)) * x
    sum += term
  }
  return sum
}

/** I_x(a, b) in units of x^a y^b / B(a, b), by Lentz's method. */
function continuedFraction(x: number, a: number, b: number, y: number): number {
  const spread = distanceFromMean(x, a, b, y)
  const denominator = (m: number) =>
    m + (m * (b - m) * x) / (a + 2 * m - 1) + ((a + m) / (a + 2 * m + 1)) * (spread + 1 + m * (1 + y))
  // At m = 0 without the middle term, which is 0 there, and 0 / 0 where a is 1.
  let value = nonZero((a / (a + 1)) * (spread + 1))
  let c = value
  let d = 0
  for (let m = 1; m < MAX_TERMS; m++) {
    const p = x / (a + 2 * m - 1)
    const numerator = (a + m - 1) * p * (a + b + m - 1) * p * m * (b - m)
    const next = denominator(m)
    d = 1 / nonZero(next + numerator * d)
    c = nonZero(next + numerator / c)
    const step = d * c
    value *= step
    if (Math.abs(step - 1) <= EPSILON * 2) break
  }
  return 1 / value
}

/** a y − b x = a − (a + b) x, from the smaller of x and y, which is the better known. */
function distanceFromMean(x: number, a: number, b: number, y: number): number {
  const n = a + b
  // What the sum n has rounded away.
  const rest = a < b ? a - (n - b) : b - (n - a)
  return x <= y ? excess(a, n, x) - rest * x : rest * y - excess(b, n, y)
}

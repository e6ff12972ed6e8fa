import { checkAlpha, checkPositive } from './tuning.ts'

/** The shape of a stitched boundary: geometric epochs of ratio `eta`, each given error in proportion to k^−`s`. */
export interface Stitching {
  /** Above 1; 2 by default. */
  readonly eta?: number
  /** Above 1; 1.4 by default. */
  readonly s?: number
}

/** What a polynomial stitched boundary is made for. */
export interface PolynomialStitching extends Stitching {
  readonly alpha: number
  /** Intrinsic time from which on the boundary is meant to be tight; before it the bound stays as it is there. */
  readonly tunedFrom: number
  /** Scale of sub-gamma steps; 0, the default, for sub-normal ones, negative for tails lighter than normal. */
  readonly scale?: number
}

/**
 * How far a sum may get at intrinsic time v (its accumulated variance): that it ever gets beyond has probability at most
 * alpha. Grows as √(v ln ln v), the slowest that is possible, without a mixture (Howard, Ramdas, McAuliffe & Sekhon,
 * Annals of Statistics 49, 2021, theorem 1).
 */
export function polynomialStitchingBound(
  intrinsicTime: number,
  { alpha, tunedFrom, scale = 0, eta = 2, s = 1.4 }: PolynomialStitching,
): number {
  checkAlpha(alpha)
  checkPositive('tunedFrom', tunedFrom, 'give the intrinsic time from which precision is wanted')
  checkShape(eta, s)
  if (!Number.isFinite(scale)) throw new RangeError(`scale is ${scale}: give a finite number, 0 for normal`)
  if (!(intrinsicTime >= 0 && Number.isFinite(intrinsicTime))) {
    throw new RangeError(`intrinsicTime is ${intrinsicTime}: give the accumulated variance, 0 or more`)
  }
  const v = Math.max(intrinsicTime, tunedFrom)
  const error =
    s * Math.log(Math.log(eta * (v / tunedFrom))) + logZeta(s) - s * Math.log(Math.log(eta)) - Math.log(alpha)
  return stitched(v, error, scale, eta)
}

/** What a boundary for all quantiles at once is made for. */
export interface DoubleStitching extends Stitching {
  readonly alpha: number
  /** Number of values from which on the boundary is meant to be tight. */
  readonly tunedAt: number
  /** How finely the quantiles are stitched, on the scale of log odds; 0.5 by default. */
  readonly delta?: number
}

/**
 * How many more of n values than n p may lie at or below the p quantile, at every n and for every p at once, with error
 * alpha for all of them and both sides (Howard & Ramdas, Sequential estimation of quantiles, Bernoulli 28,
 * 2022). How many fewer: the bound of 1 − p.
 */
export function doubleStitchingBound(
  n: number,
  p: number,
  { alpha, tunedAt, delta = 0.5, eta = 2, s = 1.4 }: DoubleStitching,
): number {
  checkAlpha(alpha)
  checkQuantile(p)
  checkPositive('n', n, 'give the number of values')
  checkPositive('tunedAt', tunedAt, 'give the number of values at which precision is wanted')
  checkPositive('delta', delta, 'give 0.5')
  checkShape(eta, s)
  const t = Math.max(n, tunedAt)
  const epochs = t / tunedAt
  const logOdds = Math.log(p) - Math.log1p(-p)
  const shifted = logOdds + 2 * delta * Math.sqrt(eta / epochs)
  const nearest = p >= 0.5 ? p : Math.min(0.5, 1 / (1 + Math.exp(-shifted)))
  const spread = nearest * (1 - nearest)
  const grid = (Math.sqrt(epochs) * Math.abs(logOdds)) / (2 * delta) + 1
  const zeta = Math.exp(logZeta(s))
  const error =
    s * Math.log(Math.log(eta * epochs)) +
    s * Math.log(grid) +
    Math.log(2 * zeta * (2 * zeta + 1)) -
    s * Math.log(Math.log(eta)) -
    Math.log(alpha)
  return delta * Math.sqrt(eta * epochs * spread) + stitched(spread * t, error, (1 - 2 * p) / 3, eta)
}

/** √(k₁² v ℓ + b²) + b with b = k₂ c ℓ. */
function stitched(v: number, error: number, scale: number, eta: number): number {
  const main = (v * error * (Math.sqrt(eta) + 1 / Math.sqrt(eta) + 2)) / 2
  const b = ((Math.sqrt(eta) + 1) / 2) * scale * error
  const root = Math.sqrt(main + b * b)
  return b < 0 ? main / (root - b) : root + b
}

/** ln of Riemann's zeta function at s > 1: ten terms, the rest by Euler & Maclaurin's formula. */
function logZeta(s: number): number {
  const m = 10
  let sum = 0
  for (let k = 2; k < m; k++) sum += k ** -s
  let term = (s * m ** (-s - 1)) / 12
  sum += m ** (1 - s) / (s - 1) + m ** -s / 2 + term
  // Ratios of successive Bernoulli terms B₂ⱼ/(2j)! over B₂ⱼ₋₂/(2j−2)!.
  for (const [j, ratio] of [-1 / 60, -1 / 42, -1 / 40, -5 / 198, -691 / 27300, -35 / 1382].entries()) {
    term *= (ratio * (s + 2 * j + 1) * (s + 2 * j + 2)) / (m * m)
    sum += term
  }
  return Math.log1p(sum)
}

function checkShape(eta: number, s: number): void {
  if (!(eta > 1 && Number.isFinite(eta))) throw new RangeError(`eta is ${eta}: give a ratio above 1, as 2`)
  if (!(s > 1 && s <= 100)) throw new RangeError(`s is ${s}: give a power above 1, as 1.4`)
}

/** Throws unless 0 < p < 1. */
export function checkQuantile(p: number): void {
  if (!(p > 0 && p < 1))
    throw new RangeError(`p is ${p}: give a share between 0 and 1, as 0.5 for the median`)
}

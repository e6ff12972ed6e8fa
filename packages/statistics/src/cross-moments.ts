import { type Estimable, notEstimable } from './estimable.ts'

/** The moments of pairs (x, y): what covariances and regressions need, mergeable like {@link Moments}. */
export interface CrossMoments {
  /** How many pairs, a whole number ≥ 0. */
  readonly n: number
  readonly meanX: number
  readonly meanY: number
  /** Sums of squared deviations. */
  readonly m2X: number
  readonly m2Y: number
  /** Sum of products of deviations. */
  readonly cXY: number
}

/** The moments of no pairs. */
export const emptyCrossMoments: CrossMoments = { n: 0, meanX: 0, meanY: 0, m2X: 0, m2Y: 0, cXY: 0 }

/** The moments with one more pair in them. */
export function addPair(moments: CrossMoments, x: number, y: number): CrossMoments {
  return mergeCrossMoments(moments, { n: 1, meanX: x, meanY: y, m2X: 0, m2Y: 0, cXY: 0 })
}

/** The moments of two sets of pairs taken together (Chan, Golub & LeVeque 1983). */
export function mergeCrossMoments(a: CrossMoments, b: CrossMoments): CrossMoments {
  if (a.n === 0) return b
  if (b.n === 0) return a
  const n = a.n + b.n
  const deltaX = b.meanX - a.meanX
  const deltaY = b.meanY - a.meanY
  const weight = a.n * (b.n / n)
  const aLeads = a.n >= b.n
  return {
    n,
    meanX: aLeads ? a.meanX + deltaX * (b.n / n) : b.meanX - deltaX * (a.n / n),
    meanY: aLeads ? a.meanY + deltaY * (b.n / n) : b.meanY - deltaY * (a.n / n),
    m2X: a.m2X + b.m2X + deltaX * (deltaX * weight),
    m2Y: a.m2Y + b.m2Y + deltaY * (deltaY * weight),
    cXY: a.cXY + b.cXY + deltaX * (deltaY * weight),
  }
}

/** Sample covariance and variances (n − 1), and the regression slope of y on x. */
export interface Covariance {
  readonly covariance: number
  readonly varianceX: number
  readonly varianceY: number
  /** cov(x, y) / var(x), the θ of CUPED. */
  readonly slope: number
}

/** Reads covariance, variances and slope; a constant x has no slope. */
export function covarianceOf(moments: CrossMoments): Estimable<Covariance> {
  const { n, m2X, m2Y, cXY } = moments
  if (n === 0) return notEstimable('no-data', 'there are no pairs to take a covariance of')
  if (n === 1) return notEstimable('too-few-units', 'a single pair has no covariance')
  if (![n, m2X, m2Y, cXY].every(Number.isFinite)) {
    return notEstimable('non-finite', `m2X = ${m2X}, m2Y = ${m2Y}, cXY = ${cXY} are not all finite`)
  }
  if (m2X <= 0) return notEstimable('zero-variance', 'x is constant: y has no slope on it')
  return {
    covariance: cXY / (n - 1),
    varianceX: m2X / (n - 1),
    varianceY: m2Y / (n - 1),
    slope: cXY / m2X,
  }
}

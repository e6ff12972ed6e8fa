import { type Estimable, isEstimable, notEstimable } from './estimable.ts'
import { type Moments, sampleVariance } from './moments.ts'

/** An arm's mean with the variance of that mean: what every comparison of two arms starts from. */
export interface EstimatedMean {
  readonly mean: number
  /** Variance of the estimate (the squared standard error), not of the units; ≥ 0. */
  readonly variance: number
  /** How well the variance is known: n − 1 for a plain mean; Infinity, the default, when it is taken as known. */
  readonly degreesOfFreedom?: number
}

/** The mean of an arm's units, its variance and degrees of freedom; `arm` names it in the reason why not. */
export function estimatedMean(moments: Moments, arm: string): Estimable<EstimatedMean> {
  const { n, mean } = moments
  if (!(Number.isFinite(n) && n >= 0)) return notEstimable('not-applicable', `${arm} has n = ${n}`)
  if (n === 0) return notEstimable('no-data', `${arm} has no units`)
  if (!Number.isFinite(mean)) return notEstimable('non-finite', `the mean of ${arm} is ${mean}`)
  const sample = sampleVariance(moments)
  if (!isEstimable(sample)) {
    return notEstimable(sample.notEstimable.code, `in ${arm}, ${sample.notEstimable.detail}`)
  }
  return { mean, variance: sample.variance / n, degreesOfFreedom: n - 1 }
}

/** Both arms of a comparison, or the first reason why one of them cannot be had. */
export function bothMeans(
  control: Moments,
  treatment: Moments,
): Estimable<{ readonly control: EstimatedMean; readonly treatment: EstimatedMean }> {
  const c = estimatedMean(control, 'control')
  if (!isEstimable(c)) return c
  const t = estimatedMean(treatment, 'treatment')
  return isEstimable(t) ? { control: c, treatment: t } : t
}

/**
 * Degrees of freedom of the sum of two variances (F. E. Satterthwaite, Biometrics Bulletin 2, 1946; B. L. Welch,
 * Biometrika 34, 1947). Always between the smaller of the two and their sum; seldom whole.
 */
export function satterthwaite(a: EstimatedMean, b: EstimatedMean): number {
  const total = a.variance + b.variance
  const shareA = a.variance / total
  const shareB = b.variance / total
  const known = Number.POSITIVE_INFINITY
  return 1 / (shareA ** 2 / (a.degreesOfFreedom ?? known) + shareB ** 2 / (b.degreesOfFreedom ?? known))
}

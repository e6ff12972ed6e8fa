import type { EstimatedMean } from './arm.ts'
import { type Estimable, notEstimable } from './estimable.ts'

/**
 * The variance of any statistic by leaving out one group of units at a time (M. Quenouille 1949; J. Tukey 1958): units are
 * dealt into G groups by a hash, the statistic is taken once of all and once without each. `leftOut` are those G values,
 * over groups of about one size; the variance is (G − 1)/G Σ (value − their mean)², with G − 1 degrees of freedom. For
 * quantiles of a few groups prefer `quantileEstimate`.
 */
export function jackknife(whole: number, leftOut: readonly number[]): Estimable<EstimatedMean> {
  const g = leftOut.length
  if (g < 2) return notEstimable('too-few-units', `${g} groups: a jackknife needs two or more`)
  if (!(Number.isFinite(whole) && leftOut.every(Number.isFinite))) {
    return notEstimable('non-finite', `the statistic is ${whole} of all, or not finite without some group`)
  }
  const mean = leftOut.reduce((sum, each) => sum + each / g, 0)
  const squares = leftOut.reduce((sum, each) => sum + (each - mean) ** 2, 0)
  if (!Number.isFinite(squares)) return notEstimable('non-finite', 'the squared distances leave the doubles')
  return { mean: whole, variance: ((g - 1) / g) * squares, degreesOfFreedom: g - 1 }
}

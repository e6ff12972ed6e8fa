import { chiSquareLogSf, chiSquareSf } from './chi-square.ts'
import { type Estimable, notEstimable } from './estimable.ts'

/** Pearson's chi-square test of how units fell on the arms. */
export interface SampleRatioChiSquare {
  readonly chiSquare: number
  /** Number of arms − 1. */
  readonly degreesOfFreedom: number
  readonly pValue: number
  /** ln p, also where p is too small for a double. */
  readonly logP: number
}

/**
 * Are the units on the arms as the weights say? (K. Pearson, Philosophical Magazine 50, 1900.) Valid for **one**
 * look, the final page's; while an experiment runs, use `sampleRatioTest` of `@fairtrial/sequential`.
 *
 * @param observed units on each arm
 * @param weights planned shares, any positive numbers of any sum, in the same order
 */
export function sampleRatioChiSquare(
  observed: readonly number[],
  weights: readonly number[],
): Estimable<SampleRatioChiSquare> {
  if (observed.length !== weights.length || weights.length < 2) {
    throw new RangeError(
      `${observed.length} counts and ${weights.length} weights: give one of each to an arm, for two arms or more`,
    )
  }
  if (!weights.every((weight) => weight > 0 && Number.isFinite(weight))) {
    throw new RangeError(`weights are ${weights.join(', ')}: each must be a finite number above 0`)
  }
  if (!observed.every(Number.isFinite)) {
    return notEstimable('non-finite', `the counts are ${observed.join(', ')}`)
  }
  if (observed.some((count) => count < 0)) {
    return notEstimable('not-applicable', `the counts are ${observed.join(', ')}`)
  }
  const units = observed.reduce((sum, count) => sum + count, 0)
  const weight = weights.reduce((sum, each) => sum + each, 0)
  if (units === 0) return notEstimable('no-data', 'no arm has any units')
  let chiSquare = 0
  for (const [arm, count] of observed.entries()) {
    const expected = (units * weights[arm]!) / weight
    chiSquare += (count - expected) * ((count - expected) / expected)
  }
  if (!Number.isFinite(chiSquare)) return notEstimable('non-finite', `chi-square is ${chiSquare}`)
  const degreesOfFreedom = observed.length - 1
  return {
    chiSquare,
    degreesOfFreedom,
    pValue: chiSquareSf(chiSquare, degreesOfFreedom),
    logP: chiSquareLogSf(chiSquare, degreesOfFreedom),
  }
}

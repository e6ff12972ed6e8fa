import { type EstimatedMean, satterthwaite } from './arm.ts'
import type { Estimable } from './estimable.ts'
import { isEstimable, notEstimable } from './estimable.ts'
import { type LevelOptions, levelOf } from './interval.ts'
import { tTest } from './t-test.ts'
import type { WelchTest } from './welch.ts'

/**
 * The difference of two independent estimates, whatever they estimate: Welch's test when each brings its degrees of
 * freedom, a z test when it brings none.
 */
export function differenceOfEstimates(
  control: EstimatedMean,
  treatment: EstimatedMean,
  options?: LevelOptions,
): Estimable<WelchTest> {
  const level = levelOf(options)
  const difference = treatment.mean - control.mean
  const variance = control.variance + treatment.variance
  if (!(Number.isFinite(difference) && Number.isFinite(variance) && variance >= 0)) {
    return notEstimable('non-finite', `difference ${difference} with variance ${variance}`)
  }
  const test = tTest(difference, Math.sqrt(variance), satterthwaite(control, treatment), level)
  return isEstimable(test) ? { difference, ...test } : test
}

import { bothMeans, satterthwaite } from './arm.ts'
import { type Estimable, isEstimable } from './estimable.ts'
import { type LevelOptions, levelOf } from './interval.ts'
import type { Moments } from './moments.ts'
import { type TTest, tTest } from './t-test.ts'

/** The difference of two means, in the metric's own units. */
export interface WelchTest extends TTest {
  /** treatment mean − control mean. */
  readonly difference: number
}

/**
 * Welch's t test: the difference of two means when the arms may differ in size and in spread (B. L. Welch,
 * Biometrika 34, 1947). The default for a metric that has one number a unit, looked at once.
 */
export function welch(control: Moments, treatment: Moments, options?: LevelOptions): Estimable<WelchTest> {
  const level = levelOf(options)
  const means = bothMeans(control, treatment)
  if (!isEstimable(means)) return means
  const difference = means.treatment.mean - means.control.mean
  const standardError = Math.sqrt(means.control.variance + means.treatment.variance)
  const test = tTest(difference, standardError, satterthwaite(means.control, means.treatment), level)
  return isEstimable(test) ? { difference, ...test } : test
}

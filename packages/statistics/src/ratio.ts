import type { EstimatedMean } from './arm.ts'
import type { CrossMoments } from './cross-moments.ts'
import { differenceOfEstimates } from './difference-of-estimates.ts'
import { type Estimable, isEstimable } from './estimable.ts'
import type { LevelOptions } from './interval.ts'
import { estimatedMetric } from './joint-moments.ts'
import { deltaLift, type Lift } from './lift.ts'
import type { WelchTest } from './welch.ts'

/**
 * A ratio metric in one arm, Σ numerators / Σ denominators over units: clicks per page view, money per order. The unit
 * of the variance is the unit of randomization, never the page view. `pairs` has the denominator as x and the
 * numerator as y; the variance is (v_N − 2 r c_ND + r² v_D) / mean_D² / n (Deng, Knoblich & Lu, KDD 2018).
 */
export function estimatedRatio(pairs: CrossMoments, arm: string): Estimable<EstimatedMean> {
  const { n, meanX, meanY, m2X, m2Y, cXY } = pairs
  const moments = {
    n,
    means: [meanY, meanX],
    products: [
      [m2Y, cXY],
      [cXY, m2X],
    ],
  }
  return estimatedMetric(moments, { numerator: 0, denominator: 1 }, arm)
}

/** The difference of a ratio metric between the arms; x is the denominator, y the numerator. */
export function ratioDifference(
  control: CrossMoments,
  treatment: CrossMoments,
  options?: LevelOptions,
): Estimable<WelchTest> {
  const c = estimatedRatio(control, 'control')
  if (!isEstimable(c)) return c
  const t = estimatedRatio(treatment, 'treatment')
  return isEstimable(t) ? differenceOfEstimates(c, t, options) : t
}

/** The relative effect on a ratio metric by the delta method; x is the denominator, y the numerator. */
export function ratioLift(
  control: CrossMoments,
  treatment: CrossMoments,
  options?: LevelOptions,
): Estimable<Lift> {
  const c = estimatedRatio(control, 'control')
  if (!isEstimable(c)) return c
  const t = estimatedRatio(treatment, 'treatment')
  return isEstimable(t) ? deltaLift(c, t, options) : t
}

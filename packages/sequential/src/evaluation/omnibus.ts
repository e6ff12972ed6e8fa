import type { MetricEvaluation, Moments, NotEstimable } from '@fairtrial/protocol'
import { chiSquareSf } from '@fairtrial/statistics'
import { finite, notEstimable, positive } from './estimate.ts'

/**
 * Do any of three or more arms differ in a proportion? Pearson's chi-square of arms by outcome (Philosophical Magazine
 * 50, 1900), for one look and for reading beside: it says that some arm differs, and never which.
 */
export function compareAllArms(arms: readonly Moments[]): NonNullable<MetricEvaluation['omnibus']> {
  const degreesOfFreedom = arms.length - 1
  const none = (reason: NotEstimable) => ({ chiSquare: reason, degreesOfFreedom, pValue: reason })
  if (arms.some(({ n }) => n === 0)) {
    return none(notEstimable('no-data', 'an arm has no units with a closed window'))
  }
  const units = arms.reduce((sum, { n }) => sum + n, 0)
  const rate = arms.reduce((sum, { n, mean }) => sum + mean * (n / units), 0)
  // The two cells of an arm, outcome and none, are off by the same number of units.
  const spread = rate * (1 - rate)
  if (!(spread > 0)) return none(notEstimable('zero-variance', 'all units had the same outcome'))
  const chiSquare = arms.reduce((sum, { n, mean }) => sum + (n * (mean - rate) ** 2) / spread, 0)
  return {
    chiSquare: finite(chiSquare),
    degreesOfFreedom,
    pValue: finite(positive(chiSquareSf(chiSquare, degreesOfFreedom))),
  }
}

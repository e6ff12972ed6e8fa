import type { JointMoments, Moments } from '@fairtrial/protocol'
import { emptyMoments, estimatedMetric, isEstimable } from '@fairtrial/statistics'

/**
 * Of rows whose first two columns are a ratio's, the ratio, and the spread that the delta method gives it: as if each
 * row were one number, whose mean's variance is that of the ratio. Without anything below the line there is no ratio,
 * and nothing is claimed: the moments are those of no rows.
 */
export function ratioMoments(joint: JointMoments): Moments {
  const { n, means } = joint
  const [numerator = 0, denominator = 0] = means
  if (denominator === 0) return emptyMoments
  const estimate = estimatedMetric(joint, { numerator: 0, denominator: 1 }, 'the arm')
  if (isEstimable(estimate)) return { n, mean: estimate.mean, m2: estimate.variance * n * (n - 1) }
  return { n, mean: numerator / denominator, m2: n === 1 ? 0 : Number.POSITIVE_INFINITY }
}

import type { ArmEvaluation, Bounds, Estimate, MetricSummary, SealedMetric } from '@fairtrial/protocol'
import { estimatedMean, isEstimable } from '@fairtrial/statistics'
import { normalMixtureMultiplier } from '../anytime/normal-mixture.ts'
import { anytimeProportion } from '../anytime/proportion.ts'
import { explicitTuning } from '../anytime/tuning.ts'
import type { ComparisonPlan } from './arms.ts'
import { finite, notEstimable, pick } from './estimate.ts'
import { quantileBounds } from './quantile-sequence.ts'

/**
 * Where an arm's own number lies, valid at every look: all that can be said of a metric that other arms cannot have. Of a
 * proportion exact, by the beta-binomial mixture (also while nobody has adopted); else the asymptotic sequence of a mean.
 */
export function adoptionInterval(
  summary: MetricSummary,
  { type, quantile }: SealedMetric,
  { alpha, tuneAt, isClustered }: ComparisonPlan & { readonly isClustered: boolean },
): NonNullable<ArmEvaluation['interval']> {
  // `tuneAt` counts the units of two arms.
  const sequence = { alpha, ...explicitTuning({ alpha, tunedAt: tuneAt / 2 }) }
  const bounds =
    quantile !== undefined
      ? quantileBounds(summary.sketch, quantile, sequence)
      : type === 'proportion' && !isClustered
        ? proportionBounds(summary, sequence)
        : meanBounds(summary, sequence)
  return { level: 1 - alpha, bounds }
}

interface ArmSequence {
  readonly alpha: number
  readonly rho: number
}

function proportionBounds({ closed: { n, mean } }: MetricSummary, sequence: ArmSequence): Estimate<Bounds> {
  const proportion = anytimeProportion({ successes: Math.round(n * mean), n }, sequence)
  return pick(proportion, ({ interval }): Bounds => [interval.lower, interval.upper])
}

function meanBounds({ closed }: MetricSummary, sequence: ArmSequence): Estimate<Bounds> {
  const arm = estimatedMean(closed, 'the arm')
  if (!isEstimable(arm)) return arm
  if (arm.variance === 0)
    return notEstimable('zero-variance', 'no unit differs from another: the spread is unknown')
  const reach = normalMixtureMultiplier(closed.n, sequence) * Math.sqrt(arm.variance)
  return finite<Bounds>([arm.mean - reach, arm.mean + reach])
}

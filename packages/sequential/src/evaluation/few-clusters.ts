import type { MetricSummary } from '@fairtrial/protocol'
import { differenceOfEstimates, type EstimatedMean, type LevelOptions } from '@fairtrial/statistics'
import { type ArmEstimates, plainEstimates } from './arm-estimates.ts'

/** From so many clusters on, of both arms, the delta method's variance is near enough to unbiased. */
const MANY = 50

type Clusters = NonNullable<MetricSummary['clusters']>

/** One arm by CR2: its variance, and the moments that make degrees of freedom. */
interface ReducedBias {
  readonly variance: number
  readonly trace: number
  readonly squares: number
}

/**
 * Where all clusters are at hand and few: the bias-reduced variance CR2 with Satterthwaite's degrees of freedom (R. Bell
 * & D. McCaffrey, Survey Methodology 28, 2002), as `clusteredDifference` of the statistics has it of every unit. Of two
 * means it needs the clusters' sums only: a cluster's share of its arm is its leverage.
 */
export function withFewClusters(
  estimates: ArmEstimates,
  { clusters: c }: MetricSummary,
  { clusters: t }: MetricSummary,
): ArmEstimates {
  if (c === undefined || t === undefined || c.length + t.length >= MANY) return estimates
  const arms = { control: reduceBias(c), treatment: reduceBias(t) }
  const known = Object.values(arms).every(({ variance }) => variance > 0 && Number.isFinite(variance))
  if (!known) return estimates
  const control = estimateOf(estimates.control.mean, arms.control)
  const treatment = estimateOf(estimates.treatment.mean, arms.treatment)
  const degreesOfFreedom =
    (arms.control.trace + arms.treatment.trace) ** 2 / (arms.control.squares + arms.treatment.squares)
  return {
    ...plainEstimates({ ...estimates, control, treatment }),
    // The degrees of freedom belong to the difference, not to the arms: all of the variance is given to one of them.
    difference: (options?: LevelOptions) =>
      differenceOfEstimates(
        { mean: control.mean, variance: 0 },
        { mean: treatment.mean, variance: control.variance + treatment.variance, degreesOfFreedom },
        options,
      ),
  }
}

function estimateOf(mean: number, { variance, trace, squares }: ReducedBias): EstimatedMean {
  return { mean, variance, degreesOfFreedom: trace ** 2 / squares }
}

function reduceBias(clusters: Clusters): ReducedBias {
  const units = clusters.reduce((total, [, size]) => total + size, 0)
  const mean = clusters.reduce((total, [sum]) => total + sum, 0) / units
  let variance = 0
  let trace = 0
  let squares = 0
  let sharedByAll = 0
  for (const [sum, size] of clusters) {
    const leverage = size / units
    // A cluster that is its whole arm has no residual, and nothing to say of the spread.
    if (size === 0 || leverage === 1) continue
    variance += ((sum - size * mean) / units) ** 2 / (1 - leverage)
    const own = leverage / units / (1 - leverage)
    const shared = own * leverage
    trace += own - shared
    squares += own * own - 2 * own * shared
    sharedByAll += shared
  }
  return { variance, trace, squares: squares + sharedByAll ** 2 }
}

import type { ArmEvaluation, Baseline, MetricCaution, MetricType, SealedMetric } from '@fairtrial/protocol'
import { isEstimate } from './estimate.ts'
import { sayAmount, sayShare } from './words.ts'

/** With fewer units nothing is said: their own spread is not known well enough. */
export const FEWEST_UNITS = 100
/** So many standard errors are no chance, also when they are looked for at many looks. */
const NO_CHANCE = 4
/** A variance off by this factor takes as many times the units, or as many times fewer. */
const VARIANCE_FACTOR = 1.5
/** Of the baseline's mean: what seasons and campaigns do is less, as a rule. */
const MEAN_SHARE = 0.25

/** Holds control against what the plan was made with. */
export function* baselineCautions(
  { n, mean, variance }: ArmEvaluation,
  baseline: Baseline,
  metric: SealedMetric,
): Generator<MetricCaution> {
  if (n < FEWEST_UNITS || !isEstimate(mean) || !isEstimate(variance) || !(baseline.variance > 0)) return
  const inverse = 1 / n + 1 / (baseline.units ?? Infinity)
  const distance = mean - baseline.mean
  const far = MEAN_SHARE * (Math.abs(baseline.mean) || Math.sqrt(baseline.variance))
  const meanError = Math.sqrt(Math.max(variance, baseline.variance) * inverse)
  if (Math.abs(distance) > far && Math.abs(distance) > NO_CHANCE * meanError) {
    const side = distance > 0 ? 'above' : 'below'
    const share = baseline.mean === 0 ? side : `${sayShare(Math.abs(distance / baseline.mean))} ${side}`
    yield {
      code: 'mean-off',
      detail: `Control's mean of ${n} units is ${sayAmount(mean, metric)}, ${share} the baseline's ${sayAmount(baseline.mean, metric)}: another population, or another definition, than the plan was made with.`,
      remedy:
        'See who is eligible and how the metric is made now and then; size the next trial with a baseline of the same.',
    }
  }
  const ratio = variance / baseline.variance
  const moments = { mean, variance }
  const spread = Math.max(spreadOfVariance(metric.type, moments), spreadOfVariance(metric.type, baseline))
  const isFar = ratio > VARIANCE_FACTOR || ratio < 1 / VARIANCE_FACTOR
  if (isFar && Math.abs(ratio - 1) > NO_CHANCE * Math.sqrt(spread * inverse)) {
    const times = Number(ratio.toPrecision(3))
    yield {
      code: 'variance-off',
      detail: `The variance of ${n} units of control, ${Number(variance.toPrecision(4))}, is ${times} times the baseline's, ${Number(baseline.variance.toPrecision(4))}: so are the units that the trial takes.`,
      remedy:
        ratio > 1
          ? 'Plan that many times the units, or take variance out by a cap or covariates; record the baseline anew.'
          : 'Record the baseline anew: fewer units do; and see that no values are cut off or missing.',
    }
  }
}

/**
 * n times the squared relative error of a sample variance, kurtosis − 1. Moments do not tell it, so it is that of what the
 * metric is taken for: zeros and ones; counts from a gamma mixture of Poissons; else a lognormal, whose tails are heavier
 * than those of most means, so that a skewed metric takes many units before a word is said.
 */
function spreadOfVariance(type: MetricType, { mean, variance }: Pick<Baseline, 'mean' | 'variance'>): number {
  if (type === 'proportion') return Math.max(0, 1 / variance - 4)
  if (type === 'count') return 2 + (6 * Math.max(0, variance - mean)) / mean ** 2 + 1 / variance
  const w = 1 + variance / mean ** 2
  return w ** 4 + 2 * w ** 3 + 3 * w ** 2 - 4
}

import type { Experiment, JointMoments, MetricSummary, SealedMetric } from '@fairtrial/protocol'
import {
  type Estimable,
  type EstimatedMean,
  estimatedMean,
  estimatedMetric,
  isEstimable,
  mergeJointMoments,
  mergeMoments,
} from '@fairtrial/statistics'
import { type ArmEstimates, type PlainEstimates, plainEstimates } from './arm-estimates.ts'
import { adjustedEstimates } from './covariate-adjustment.ts'
import { withFewClusters } from './few-clusters.ts'
import { estimateQuantiles } from './quantile-estimates.ts'
import { estimateMeasuredMeans } from './measured-means.ts'
import { estimateMeasuredQuantiles } from './measured-quantiles.ts'
import { type Strata, stratifiedEstimates } from './strata.ts'

/** What the units of a trial share. */
export interface Arrangement {
  readonly cluster?: Experiment['cluster']
  readonly strata?: Strata
}

/**
 * The arms' estimates over closed units: means as they are, ratios and clusters by the delta method, adjusted where the
 * metric has covariates, and plain means stratified where the plan has strata.
 */
export function estimateArms(
  control: MetricSummary,
  treatment: MetricSummary,
  metric: SealedMetric,
  { cluster, strata }: Arrangement = {},
): Estimable<ArmEstimates> {
  const plain = estimatePlain(control, treatment, metric, cluster)
  if (!isEstimable(plain)) return plain
  if (metric.covariates === undefined) {
    return strata && plain.method === 'welch' && !metric.rareEvents
      ? stratifiedEstimates(plain, strata)
      : plain
  }
  return adjustedEstimates(plain, control.joint, treatment.joint, {
    isRatio: metric.type === 'ratio',
    isClustered: cluster !== undefined,
    covariates: metric.covariates.length,
  })
}

function estimatePlain(
  control: MetricSummary,
  treatment: MetricSummary,
  metric: SealedMetric,
  cluster: Experiment['cluster'],
): Estimable<ArmEstimates> {
  const isRatio = metric.type === 'ratio'
  if (metric.source === 'measurements') {
    return metric.quantile === undefined
      ? estimateMeasuredMeans(control, treatment)
      : estimateMeasuredQuantiles(control, treatment, metric.quantile)
  }
  if (metric.quantile !== undefined) {
    const quantiles = estimateQuantiles(control, treatment, metric.quantile)
    return isEstimable(quantiles) ? plainEstimates({ method: 'order-statistics', ...quantiles }) : quantiles
  }
  const arms = isRatio || cluster ? ratiosOf(control, treatment) : meansOf(control, treatment)
  if (!isEstimable(arms)) return arms
  const method = cluster ? 'clustered' : isRatio ? 'delta' : 'welch'
  const plain = plainEstimates({ method, ...arms })
  if (cluster === undefined || isRatio) return plain
  return withDesignEffect(withFewClusters(plain, control, treatment), control, treatment, metric)
}

/** How many times more units it takes than without clusters: told of proportions, where one unit's spread is known. */
function withDesignEffect(
  estimates: ArmEstimates,
  { joint: c }: MetricSummary,
  { joint: t }: MetricSummary,
  { type }: SealedMetric,
): ArmEstimates {
  if (type !== 'proportion' || c === undefined || t === undefined) return estimates
  const { control, treatment } = estimates
  const alone = ({ mean }: EstimatedMean, { n, means }: JointMoments) => (mean * (1 - mean)) / (n * means[1]!)
  const designEffect = (control.variance + treatment.variance) / (alone(control, c) + alone(treatment, t))
  return Number.isFinite(designEffect) ? { ...estimates, designEffect } : estimates
}

type Arms = Omit<PlainEstimates, 'method'>

function meansOf({ closed: c }: MetricSummary, { closed: t }: MetricSummary): Estimable<Arms> {
  const control = estimatedMean(c, 'control')
  if (!isEstimable(control)) return control
  const treatment = estimatedMean(t, 'treatment')
  if (!isEstimable(treatment)) return treatment
  const together = estimatedMean(mergeMoments(c, t), 'both arms')
  return { control, treatment, n: { control: c.n, treatment: t.n }, together }
}

function ratiosOf(c: MetricSummary, t: MetricSummary): Estimable<Arms> {
  if (c.joint === undefined || t.joint === undefined) return meansOf(c, t)
  const ratio = { numerator: 0, denominator: 1 }
  const control = estimatedMetric(c.joint, ratio, 'control')
  if (!isEstimable(control)) return control
  const treatment = estimatedMetric(t.joint, ratio, 'treatment')
  if (!isEstimable(treatment)) return treatment
  const together = estimatedMetric(mergeJointMoments(c.joint, t.joint), ratio, 'both arms')
  return { control, treatment, n: { control: c.joint.n, treatment: t.joint.n }, together }
}

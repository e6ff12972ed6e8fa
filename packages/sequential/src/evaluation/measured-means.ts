import type { MetricSummary, Moments } from '@fairtrial/protocol'
import {
  deltaLift,
  differenceOfEstimates,
  emptyMoments,
  type Estimable,
  type EstimatedMean,
  isEstimable,
  mergeMoments,
  notEstimable,
} from '@fairtrial/statistics'
import type { ArmEstimates } from './arm-estimates.ts'
import { jackknifeVariance, type MeasuredArm, type MeasuredPair, measuredPair } from './measured-arms.ts'

/**
 * The means of all requests of two arms, with the variance that leaving out one cluster of units at a time gives them
 * (M. Quenouille 1949; J. Tukey 1958; P. Kott, Journal of Official Statistics 17, 2001): requests of one unit may resemble
 * each other as they like. Both arms leave out the same cluster, so that what a cluster has in common in both shows.
 *
 * The information of the sequence is the variance of the sum of requests, in variances of a single one: requests where they
 * are independent, more where those of a unit are alike. While what a unit adds does not counteract what it has added
 * before, the sum is at any two looks correlated at least as Brownian motion at this time is, and therefore crosses a
 * boundary no more often (D. Slepian 1962), whether units come, stay or return.
 */
export function estimateMeasuredMeans(
  control: MetricSummary,
  treatment: MetricSummary,
): Estimable<ArmEstimates> {
  const pair = measuredPair(control, treatment)
  if (!isEstimable(pair)) return pair
  const { groups, degreesOfFreedom } = pair
  const c = jackknifeMean(pair.control)
  const t = jackknifeMean(pair.treatment)
  const ofControl = jackknifeVariance(c.shifts, groups)
  const ofTreatment = jackknifeVariance(t.shifts, groups)
  const inCommon = jackknifeVariance(c.shifts, groups, t.shifts)
  const ofDifference = ofControl + ofTreatment - 2 * inCommon
  if (![ofControl, ofTreatment, ofDifference, c.mean, t.mean].every(Number.isFinite)) {
    return notEstimable('non-finite', 'what was measured leaves the doubles')
  }
  if (!(ofDifference > 0)) {
    return notEstimable(
      'zero-variance',
      'no cluster of units differs from another in its arm: the spread is unknown, not zero',
    )
  }
  // What of the treatment's mean moves with control's is told by a slope, and what is left is independent of it.
  const shared = ofControl > 0 ? inCommon / ofControl : 0
  const base = { mean: c.mean, variance: ofControl, degreesOfFreedom }
  const rest: EstimatedMean = {
    mean: t.mean - shared * c.mean,
    variance: Math.max(0, ofTreatment - shared * inCommon),
    degreesOfFreedom,
  }
  const ofIndependent = c.variance / c.n + t.variance / t.n
  // An arm without a single error says little of its rate: it is lent the spread of both taken together.
  const all = jackknifeMean(bothArms(pair))
  const information = (c.n + t.n) * (ofDifference / ofIndependent)
  const known = { mean: c.mean, variance: 0 }
  const apart = { mean: t.mean, variance: ofDifference, degreesOfFreedom }
  return {
    method: 'clustered',
    control: base,
    treatment: rest,
    slope: 1 - shared,
    n: { control: (information * c.n) / (c.n + t.n), treatment: (information * t.n) / (c.n + t.n) },
    together: { mean: all.mean, variance: jackknifeVariance(all.shifts, groups), degreesOfFreedom },
    degreesOfFreedom,
    difference: (options) => differenceOfEstimates(known, apart, options),
    lift: (options) => {
      // The variance of T/C: what does not move with C, and what is left of C's own.
      const ratio = t.mean / c.mean
      const variance = Math.max(0, ofTreatment - 2 * ratio * inCommon + ratio ** 2 * ofControl)
      return deltaLift(known, { mean: t.mean, variance, degreesOfFreedom }, options)
    },
    designEffect: ofDifference / ofIndependent,
  }
}

function bothArms({ control, treatment }: MeasuredPair): MeasuredMoments {
  const clusters = control.clusters.map((own, g) =>
    mergeMoments(own ?? emptyMoments, treatment.clusters[g] ?? emptyMoments),
  )
  return { n: control.n + treatment.n, clusters }
}

type MeasuredMoments = Pick<MeasuredArm, 'n'> & { readonly clusters: readonly (Moments | undefined)[] }

/** An arm's mean, the variance of its requests, and how far the mean moves without each cluster. */
function jackknifeMean({ n, clusters }: MeasuredMoments) {
  const mean = clusters.reduce((sum, each) => sum + (each ? each.mean * (each.n / n) : 0), 0)
  const shifts = clusters.map((each) =>
    each && each.n < n ? (each.n * (mean - each.mean)) / (n - each.n) : 0,
  )
  const squares = clusters.reduce(
    (sum, each) => sum + (each ? each.m2 + each.n * (each.mean - mean) ** 2 : 0),
    0,
  )
  return { n, mean, variance: squares / n, shifts }
}

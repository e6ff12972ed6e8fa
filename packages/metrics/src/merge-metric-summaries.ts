import type { MetricSummary } from '@fairtrial/protocol'
import { mergeJointMoments, mergeMoments, mergeSketches } from '@fairtrial/statistics'
import { mergeClusters } from './clusters.ts'
import { mergeDaily } from './daily.ts'
import { mergeHistograms } from './histogram.ts'
import { mergeMeasured } from './measured-clusters.ts'
import { mergeMinutes } from './minute-sums.ts'
import { ratioMoments } from './ratio-moments.ts'

/**
 * One metric in one arm, over two disjoint sets of units. What is made from joint moments is made anew from theirs: a
 * ratio of sums is no mean of ratios.
 */
export function mergeMetricSummaries(a: MetricSummary, b: MetricSummary): MetricSummary {
  const joint = a.joint && b.joint && mergeJointMoments(a.joint, b.joint)
  const currentJoint = a.currentJoint && b.currentJoint && mergeJointMoments(a.currentJoint, b.currentJoint)
  const uncapped = a.uncapped && b.uncapped && mergeUncapped(a.uncapped, b.uncapped)
  const histogram = mergeHistograms(a.histogram, b.histogram)
  const clusters = mergeClusters(a.clusters, b.clusters)
  const measured = mergeMeasured(a.measured, b.measured)
  return {
    closed: joint && currentJoint ? ratioMoments(joint) : mergeMoments(a.closed, b.closed),
    current: currentJoint ? ratioMoments(currentJoint) : mergeMoments(a.current, b.current),
    missing: a.missing + b.missing,
    ...(joint && { joint }),
    ...(currentJoint && { currentJoint }),
    ...(uncapped && { uncapped }),
    ...(a.sketch && b.sketch && { sketch: mergeSketches(a.sketch, b.sketch) }),
    ...(histogram && { histogram }),
    ...(clusters && { clusters }),
    ...(measured && { measured }),
    ...(a.minutes && b.minutes && { minutes: mergeMinutes(a.minutes, b.minutes) }),
    ...(a.daily && b.daily && { daily: mergeDaily(a.daily, b.daily) }),
  }
}

type Uncapped = NonNullable<MetricSummary['uncapped']>

function mergeUncapped(a: Uncapped, b: Uncapped): Uncapped {
  const joint = a.joint && b.joint && mergeJointMoments(a.joint, b.joint)
  return {
    closed: joint ? ratioMoments(joint) : mergeMoments(a.closed, b.closed),
    changed: a.changed + b.changed,
    ...(joint && { joint }),
  }
}

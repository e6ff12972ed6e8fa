import { emptyMoments, mergeMoments, type Moments } from '@fairtrial/statistics'
import { type Method, rampByTime } from './judge.ts'

/** How checks of the treatment's own numbers against a fixed limit abort. */
interface Checks {
  /** A check looks at what came since the one before. */
  readonly everyMinutes: number
  /** How many failed checks abort, over the whole ramp; one that passes forgives none. */
  readonly failures: number
  /** Whether metrics count their failures each for itself; else a check fails once where any metric does. */
  readonly byMetric: boolean
  /** What a check without data is: so many in a row abort, or it is one that has failed. */
  readonly withoutData: { readonly inARow: number } | 'failed'
}

/** The treatment's mean against what control has always had, plus the margin. */
const fixedThreshold =
  ({ everyMinutes, failures, byMetric, withoutData }: Checks): Method =>
  ({ metrics }) => {
    let recent = metrics.map((): Moments => emptyMoments)
    const failed = metrics.map(() => 0)
    let failedChecks = 0
    let missedInARow = 0
    return rampByTime((minute, arrived) => {
      for (const [, treatment] of arrived)
        recent = recent.map((moments, i) => mergeMoments(moments, treatment.metrics[i]!))
      if (minute % everyMinutes !== 0) return false
      const hasData = recent.every(({ n }) => n > 0)
      missedInARow = hasData ? 0 : missedInARow + 1
      if (!hasData && withoutData !== 'failed') return missedInARow >= withoutData.inARow
      const isBeyond = metrics.map(
        ({ baseline, margin }, i) => !hasData || recent[i]!.mean > baseline + margin,
      )
      isBeyond.forEach((fails, i) => (failed[i]! += Number(fails)))
      failedChecks += Number(isBeyond.includes(true))
      recent = metrics.map(() => emptyMoments)
      return (byMetric ? Math.max(...failed) : failedChecks) >= failures
    })
  }

/**
 * Argo Rollouts, background analysis as its documentation has it: `interval: 5m`, `failureLimit: 3`, and a run fails when
 * failed measurements of a metric are more than its limit, or measurements without an answer in a row more than
 * `consecutiveErrorLimit`, 4 by default (analysis/analysis.go). With a success condition alone none is inconclusive.
 */
export const asArgoRollouts = fixedThreshold({
  everyMinutes: 5,
  failures: 4,
  byMetric: true,
  withoutData: { inARow: 5 },
})

/**
 * Flagger, as its documentation has it: `interval: 1m`, `threshold: 5`; a failed check is one in which any metric is out
 * of its range or has no value, and it rolls back at `failedChecks >= threshold` (pkg/controller/scheduler.go).
 */
export const asFlagger = fixedThreshold({
  everyMinutes: 1,
  failures: 5,
  byMetric: false,
  withoutData: 'failed',
})

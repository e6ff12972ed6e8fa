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
}

/**
 * The treatment's mean against what control has always had, plus the margin. Here data never fail to come, so that what
 * either product does about errors and inconclusive measurements (abort and pause) makes no difference.
 */
const fixedThreshold =
  ({ everyMinutes, failures, byMetric }: Checks): Method =>
  ({ metrics }) => {
    let recent = metrics.map((): Moments => emptyMoments)
    const failed = metrics.map(() => 0)
    let failedChecks = 0
    return rampByTime((minute, [, treatment]) => {
      recent = recent.map((moments, i) => mergeMoments(moments, treatment.metrics[i]!))
      if (minute % everyMinutes !== 0) return false
      const isBeyond = metrics.map(({ baseline, margin }, i) => recent[i]!.mean > baseline + margin)
      isBeyond.forEach((fails, i) => (failed[i]! += Number(fails)))
      failedChecks += Number(isBeyond.includes(true))
      recent = metrics.map(() => emptyMoments)
      return (byMetric ? Math.max(...failed) : failedChecks) >= failures
    })
  }

/**
 * Argo Rollouts, background analysis as its documentation has it: `interval: 5m`, `failureLimit: 3`, and a run fails when
 * failed measurements of a metric are more than its limit (analysis/analysis.go, `failed > failureLimit`).
 */
export const asArgoRollouts = fixedThreshold({ everyMinutes: 5, failures: 4, byMetric: true })

/**
 * Flagger, as its documentation has it: `interval: 1m`, `threshold: 5`; a failed check is one in which any metric is out
 * of its range, and it rolls back at `failedChecks >= threshold` (pkg/controller/scheduler.go).
 */
export const asFlagger = fixedThreshold({ everyMinutes: 1, failures: 5, byMetric: false })

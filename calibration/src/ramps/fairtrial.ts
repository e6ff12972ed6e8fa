import type { AuditReport, Decision, Experiment, LookLedger, MetricSummary } from '@fairtrial/protocol'
import { decide, startRollout, transition } from '@fairtrial/rollout'
import type { evaluate } from '@fairtrial/sequential'
import { emptyMoments, mergeMoments, type Moments } from '@fairtrial/statistics'
import { summaryOfMetrics } from '../trial.ts'
import { type Course, planOf } from './course.ts'
import type { Batch } from './draw-ramp.ts'
import type { Judge } from './judge.ts'

const MINUTE_MS = 60_000
/** A window of a minute, and a minute in which an outcome may be late. */
const CLOSED_AFTER = 2

/** Production, which tells its decisions. */
interface DecidingJudge extends Judge {
  /** The last one. */
  readonly decision: Decision | null
}

/** What production does at each tick, on summaries; the audit trusts the data. */
export const fairtrial =
  (evaluateOf: typeof evaluate) =>
  (course: Course): DecidingJudge => {
    const experiment = planOf(course)
    const arms = experiment.variants.map(() => ({
      units: 0,
      current: course.metrics.map((): Moments => emptyMoments),
      closed: course.metrics.map((): Moments => emptyMoments),
    }))
    const open: Batch[] = []
    let state = startRollout(experiment, { now: 0 })
    let ledger: LookLedger | undefined
    let decision: Decision | null = null

    function take(batch: Batch): void {
      open.push(batch)
      const closing = open.length > CLOSED_AFTER ? open.shift() : undefined
      for (const [i, arm] of arms.entries()) {
        arm.units += batch[i]!.units
        arm.current = arm.current.map((moments, m) => mergeMoments(moments, batch[i]!.metrics[m]!))
        if (closing !== undefined)
          arm.closed = arm.closed.map((moments, m) => mergeMoments(moments, closing[i]!.metrics[m]!))
      }
    }

    function summary(asOf: number) {
      const byVariant = (of: (arm: (typeof arms)[number]) => MetricSummary) =>
        Object.fromEntries(experiment.variants.map(({ name }, i) => [name, of(arms[i]!)]))
      const metrics = Object.fromEntries([
        ['primary', byVariant(() => ({ closed: emptyMoments, current: emptyMoments, missing: 0 }))],
        ...course.metrics.map(({ name }, m) => [
          name,
          byVariant(({ closed, current }) => ({ closed: closed[m]!, current: current[m]!, missing: 0 })),
        ]),
      ])
      const units = Object.fromEntries(experiment.variants.map(({ name }, i) => [name, arms[i]!.units]))
      return summaryOfMetrics(experiment, metrics, { asOf, units })
    }

    return {
      get decision() {
        return decision
      },
      get stage() {
        return state.stage
      },
      get isAborted() {
        return state.status === 'aborted'
      },
      look(minute: number, batch: Batch) {
        const now = minute * MINUTE_MS
        take(batch)
        const evaluation = evaluateOf(experiment, summary(now), {
          look: 'scheduled',
          ...(ledger && { ledger }),
        })
        ledger = evaluation.looks
        decision = decide({ experiment, state, evaluation, audit: trusting(experiment, now), now })
        state = transition(experiment, state, decision, { now, by: 'calibration' })?.to ?? state
      },
    }
  }

function trusting({ key, fingerprint }: Experiment, asOf: number): AuditReport {
  return {
    schema: 'fairtrial.audit/1',
    experiment: key,
    fingerprint,
    asOf,
    verdict: 'trusted',
    findings: [],
    sampleRatio: null,
    counts: {
      exposures: 0,
      uniqueExposures: 0,
      outcomes: 0,
      replayed: 0,
      replayMismatches: 0,
      producers: 0,
      missingEvents: 0,
    },
  }
}

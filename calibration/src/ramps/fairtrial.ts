import {
  type AuditReport,
  type Decision,
  durationMs,
  type Experiment,
  type LookLedger,
  type MetricSummary,
} from '@fairtrial/protocol'
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
    let open: { readonly minute: number; readonly batch: Batch }[] = []
    let newest = 0
    let state = startRollout(experiment, { now: 0 })
    let ledger: LookLedger | undefined
    let decision: Decision | null = null

    function take(minute: number, arrived: readonly Batch[]): void {
      if (arrived.length > 0) newest = minute
      for (const [place, batch] of arrived.entries()) {
        open.push({ minute: minute - arrived.length + 1 + place, batch })
        for (const [i, arm] of arms.entries()) {
          arm.units += batch[i]!.units
          arm.current = merged(arm.current, batch[i]!)
        }
      }
      const isClosed = (each: { readonly minute: number }) => each.minute <= minute - CLOSED_AFTER
      for (const { batch } of open.filter(isClosed)) {
        for (const [i, arm] of arms.entries()) arm.closed = merged(arm.closed, batch[i]!)
      }
      open = open.filter((each) => !isClosed(each))
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
      look(minute: number, arrived: readonly Batch[]) {
        const now = minute * MINUTE_MS
        take(minute, arrived)
        const evaluation = evaluateOf(experiment, summary(now), {
          look: 'scheduled',
          ...(ledger && { ledger }),
        })
        ledger = evaluation.looks
        decision = decide({
          experiment,
          state,
          evaluation,
          audit: auditOf(experiment, now, minute - newest),
          now,
        })
        state = transition(experiment, state, decision, { now, by: 'calibration' })?.to ?? state
      },
    }
  }

function merged(moments: readonly Moments[], { metrics }: Batch[0]): Moments[] {
  return moments.map((each, m) => mergeMoments(each, metrics[m]!))
}

const STALE: AuditReport['findings'][number] = {
  code: 'stale-data',
  severity: 'caution',
  detail: 'The newest event is older than allowed.',
  remedy: '',
  evidence: {},
  size: null,
  biasesEffect: 'no',
}

/** The audit trusts the data, and says where there are none. */
function auditOf(
  { key, fingerprint, guardrails }: Experiment,
  asOf: number,
  minutesOld: number,
): AuditReport {
  const isStale = guardrails.some(
    // The newest event is a little older than the end of its minute.
    ({ evidence }) => minutesOld * MINUTE_MS >= durationMs(evidence.maximumDataAge),
  )
  return {
    schema: 'fairtrial.audit/1',
    experiment: key,
    fingerprint,
    asOf,
    verdict: isStale ? 'caution' : 'trusted',
    findings: isStale ? [STALE] : [],
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

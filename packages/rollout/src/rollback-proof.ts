import type { Experiment, RolloutState, ServedExperiment, ServedReport } from '@fairtrial/protocol'
import { sayDuration } from './words.ts'

/** What is known of one instance that was given state. Plain data, kept by whoever grants the leases. */
export interface InstanceRecord {
  readonly instanceId: string
  /** End of the last lease granted, epoch milliseconds by the granter's clock. */
  readonly leaseEndsAt: number
  /** The newest report; null while it has sent none. */
  readonly report: ServedReport | null
}

/** Whether a rollback has really reached everybody. */
export interface RollbackProof {
  readonly schema: 'fairtrial.rollback-proof/1'
  readonly experiment: string
  /** The revision that withdrew the treatment. */
  readonly revision: number
  readonly proved: boolean
  /** The `now` of this call where proved; who keeps the first one has the time of the proof. */
  readonly provedAt: number | null
  /** What stands between here and a proof, a sentence each. */
  readonly waitingFor: readonly string[]
  /** Instances that served a treatment after they had acknowledged the rollback. Not to be mended by waiting. */
  readonly violated: readonly string[]
  /** By the instances' clocks; null where nobody reports a treatment. */
  readonly lastTreatmentServedAt: number | null
  /** Time from the rollback to the last treatment served; 0 when none was served after it. */
  readonly servedForMs: number
  readonly instances: { readonly acknowledged: number; readonly lapsed: number; readonly waiting: number }
}

/**
 * Proves a rollback from what instances say that they served, counted whether or not it was exposed: a
 * returning viewer, whose exposure is deduplicated, still counts.
 *
 * An instance is done with when it acknowledges the revision and counts no treatment under it, or when the
 * lease it was last granted has ended, for then it serves control by itself. With `whenStateLapses: 'keep-serving'`
 * the end of a lease proves nothing, and a silent instance leaves the rollback unproved for good.
 *
 * @param input.recordsCompleteFrom where the records may not be all (a restart, other replicas): from when on they name
 *   every lease that still runs. Until then nothing is proved. Default: they are complete.
 */
export function proveRollback(input: {
  readonly experiment: Pick<Experiment, 'control' | 'whenStateLapses'>
  readonly state: RolloutState
  readonly instances: readonly InstanceRecord[]
  readonly now: number
  readonly recordsCompleteFrom?: number
}): RollbackProof {
  const { experiment, state, instances, now, recordsCompleteFrom = Number.NEGATIVE_INFINITY } = input
  const waitingFor: string[] = []
  const violated: string[] = []
  const count = { acknowledged: 0, lapsed: 0, waiting: 0 }
  let lastTreatmentServedAt: number | null = null

  if (state.status !== 'aborted' && state.status !== 'stopped') {
    waitingFor.push(`${state.experiment} is ${state.status}: no rollback has been ordered.`)
  }
  if (!(now >= recordsCompleteFrom)) {
    waitingFor.push(
      `Leases granted before a restart, or by another replica, may run for another ${sayDuration(recordsCompleteFrom - now)}.`,
    )
  }
  for (const instance of instances) {
    const { instanceId, leaseEndsAt, report } = instance
    const told = report?.experiments.find((entry) => entry.experiment === state.experiment)
    const treatments = (told?.served ?? []).filter(isTreatment(experiment.control))
    for (const { lastServedAt } of treatments) {
      lastTreatmentServedAt = Math.max(lastTreatmentServedAt ?? lastServedAt, lastServedAt)
    }
    for (const { revision, variant, count: times } of treatments.filter(
      (entry) => entry.revision >= state.revision,
    )) {
      violated.push(
        `${instanceId} served ${variant} ${times} times under revision ${revision}, which withdrew it.`,
      )
    }
    if (told !== undefined && told.revision >= state.revision) count.acknowledged++
    else if (experiment.whenStateLapses === 'serve-control' && leaseEndsAt <= now) count.lapsed++
    else {
      count.waiting++
      waitingFor.push(sayWaiting(instance, told, state.revision, now, experiment.whenStateLapses))
    }
  }
  const proved = waitingFor.length === 0 && violated.length === 0
  return {
    schema: 'fairtrial.rollback-proof/1',
    experiment: state.experiment,
    revision: state.revision,
    proved,
    provedAt: proved ? now : null,
    waitingFor,
    violated,
    lastTreatmentServedAt,
    servedForMs: Math.max(0, (lastTreatmentServedAt ?? state.changedAt) - state.changedAt),
    instances: count,
  }
}

const isTreatment =
  (control: string) =>
  ({ variant, count }: ServedExperiment['served'][number]): boolean =>
    variant !== null && variant !== control && count > 0

function sayWaiting(
  { instanceId, leaseEndsAt }: InstanceRecord,
  told: ServedExperiment | undefined,
  revision: number,
  now: number,
  whenStateLapses: Experiment['whenStateLapses'],
): string {
  const stand =
    told === undefined ? 'has not reported' : `serves from revision ${told.revision}, not ${revision}`
  const isBounded = whenStateLapses === 'serve-control'
  return `${instanceId} ${stand}; ${isBounded ? `its lease ends in ${sayDuration(leaseEndsAt - now)}` : 'no lease bounds it'}.`
}

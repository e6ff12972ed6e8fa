import type { Experiment, RolloutState, ServedExperiment, ServedReport } from '@fairtrial/protocol'
import { sayDuration } from './words.ts'

/** What is known of one instance that was given state. Plain data, kept by whoever grants the leases. */
export interface InstanceRecord {
  readonly instanceId: string
  /** End of the last lease granted, epoch milliseconds by the granter's clock. */
  readonly leaseEndsAt: number
  /** The newest report; null while it has sent none. */
  readonly report: ServedReport | null
  /** When the newest report came, by the granter's clock. Without it, what that report leaves out proves nothing. */
  readonly reportReceivedAt?: number
  /** Every experiment that a report under this id has named. More than the newest names: it was started again with others. */
  readonly everNamed?: readonly string[]
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
  readonly instances: {
    readonly acknowledged: number
    readonly lapsed: number
    /** Made without the experiment, as they report: they serve nothing of it. */
    readonly unconcerned: number
    readonly waiting: number
  }
}

/**
 * Proves a rollback from what instances say that they served, counted whether or not it was exposed: a
 * returning viewer, whose exposure is deduplicated, still counts.
 *
 * An instance is done with when it acknowledges the revision and counts no treatment under it, or when the
 * lease it was last granted has ended, for then it serves control by itself. With `whenStateLapses: 'keep-serving'`
 * the end of a lease proves nothing, and a silent instance leaves the rollback unproved for good; so do records that began
 * later than the phase, for whom they do not name may be such a one.
 *
 * A report names every experiment that its client was made with. One that came after the rollback and does not name this
 * one is of an instance that cannot serve it. Where an earlier report under the same id did name it, another process has
 * taken the id over, and the one before may still run: until every lease from before the rollback has ended.
 *
 * @param input.recordsCompleteFrom where the records may not be all (a restart, other replicas): from when on they name
 *   every lease that still runs. Until then nothing is proved. Default: they are complete.
 * @param input.recordsSince since when they name every instance that was given state, with `keep-serving`; infinity where
 *   others give it too. Default: `recordsCompleteFrom`
 * @param input.leaseMs how long a lease may run at most, for an id that another process has taken over. Default: for ever
 */
export function proveRollback(input: {
  readonly experiment: Pick<Experiment, 'control' | 'whenStateLapses'>
  readonly state: RolloutState
  readonly instances: readonly InstanceRecord[]
  readonly now: number
  readonly recordsCompleteFrom?: number
  readonly recordsSince?: number
  readonly leaseMs?: number
}): RollbackProof {
  const { experiment, state, instances, now, recordsCompleteFrom = Number.NEGATIVE_INFINITY } = input
  const { recordsSince = recordsCompleteFrom, leaseMs = Number.POSITIVE_INFINITY } = input
  const isBounded = experiment.whenStateLapses === 'serve-control'
  const standingOf = standings({
    experiment: state.experiment,
    revision: state.revision,
    isBounded,
    since: Math.max(state.changedAt, recordsCompleteFrom),
    oldLeasesEndAt: state.changedAt + leaseMs,
    now,
  })
  const waitingFor: string[] = []
  const violated: string[] = []
  const count = { acknowledged: 0, lapsed: 0, unconcerned: 0, waiting: 0 }
  let lastTreatmentServedAt: number | null = null

  if (state.status !== 'aborted' && state.status !== 'stopped') {
    waitingFor.push(`${state.experiment} is ${state.status}: no rollback has been ordered.`)
  }
  if (!(now >= recordsCompleteFrom)) {
    waitingFor.push(
      `Leases granted before a restart, or by another replica, may run for another ${sayDuration(recordsCompleteFrom - now)}.`,
    )
  }
  if (!isBounded && !(recordsSince <= state.startedAt)) {
    waitingFor.push(
      `Not every instance that was given state in phase ${state.phase} is known here, as after a restart or by another replica, and one that is not known keeps serving what it has: this cannot be proved from here.`,
    )
  }
  for (const instance of instances) {
    const { instanceId, report } = instance
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
    const { kind, why } = standingOf(instance, told)
    count[kind]++
    if (why !== undefined) waitingFor.push(`${instanceId} ${why}.`)
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

interface Standing {
  readonly kind: keyof RollbackProof['instances']
  /** What is waited for, after the name of the instance. */
  readonly why?: string
}

function standings(rollback: {
  readonly experiment: string
  readonly revision: number
  /** Whether a lease that ends withdraws the treatment. */
  readonly isBounded: boolean
  /** What a report leaves out counts from then on. */
  readonly since: number
  /** From then on no lease from before the rollback runs. */
  readonly oldLeasesEndAt: number
  readonly now: number
}): (instance: InstanceRecord, told: ServedExperiment | undefined) => Standing {
  const { experiment, revision, isBounded, since, oldLeasesEndAt, now } = rollback
  const waiting = (why: string, until: number): Standing => {
    const isEnding = isBounded && until < Number.POSITIVE_INFINITY
    const bound = isEnding ? `its lease ends in ${sayDuration(until - now)}` : 'no lease bounds it'
    return { kind: 'waiting', why: `${why}; ${bound}` }
  }
  return ({ leaseEndsAt, report, reportReceivedAt, everNamed = [] }, told) => {
    if (told !== undefined && told.revision >= revision) return { kind: 'acknowledged' }
    if (isBounded && leaseEndsAt <= now) return { kind: 'lapsed' }
    if (report === null) return waiting('has not reported', leaseEndsAt)
    if (told !== undefined)
      return waiting(`serves from revision ${told.revision}, not ${revision}`, leaseEndsAt)
    if (reportReceivedAt === undefined || reportReceivedAt < since)
      return waiting('has not said since what it serves', leaseEndsAt)
    if (!everNamed.includes(experiment) || (isBounded && oldLeasesEndAt <= now))
      return { kind: 'unconcerned' }
    return waiting(
      `was started again without ${experiment}, and what ran before under its id may still serve it`,
      oldLeasesEndAt,
    )
  }
}

/** When the last treatment was served, beside the rollback, as a clause: `none was reported served`. */
export function sayLastTreatment({
  lastTreatmentServedAt,
  servedForMs,
}: Pick<RollbackProof, 'lastTreatmentServedAt' | 'servedForMs'>): string {
  if (lastTreatmentServedAt === null) return 'no treatment was reported served'
  if (servedForMs === 0) return 'no treatment was served after it'
  return `the last treatment was served ${sayDuration(servedForMs)} after it`
}

import type { Experiment, RolloutState } from '@fairtrial/protocol'
import { type InstanceRecord, proveRollback, type RollbackProof, sayLastTreatment } from '@fairtrial/rollout'

/** Follows a rollback until it is proved. Null while there is none. */
export type RollbackWatch = (state: RolloutState | null) => RollbackProof | null

/** The first proof is kept, for it says when; a treatment served after it takes it away again, and is alarmed. */
export function watchRollback(options: {
  readonly experiment: Experiment
  readonly instances: () => readonly InstanceRecord[]
  /** From when on `instances` names every lease that runs. */
  readonly recordsCompleteFrom: number
  /** Since when `instances` names every instance that was given state here and may serve on. */
  readonly recordsSince: () => number
  /** How long a lease may run, milliseconds. */
  readonly leaseMs: number
  /** Whether other replicas may have granted leases before they could know of the rollback. Default: there are no others. */
  readonly hasReplicas?: boolean
  readonly now: () => number
  readonly log: (line: string) => void
  /** Told when it is proved, when it should be and is not, and when a treatment is served after it. */
  readonly onProof?: (proof: RollbackProof) => void
}): RollbackWatch {
  const { experiment, instances, recordsSince, leaseMs, hasReplicas = false, now, log, onProof } = options
  // Leases have ended by then.
  const overdueAfterMs = 2 * leaseMs
  let kept: RollbackProof | null = null
  let seen = { revision: -1, at: 0 }
  let told = ''
  /** When it was first seen here it was in the store, and from then on no replica grants what was before. */
  const completeFrom = ({ revision }: RolloutState) => {
    if (!hasReplicas) return options.recordsCompleteFrom
    if (seen.revision !== revision) seen = { revision, at: now() }
    return Math.max(options.recordsCompleteFrom, seen.at + leaseMs)
  }
  const tell = (line: string, proof: RollbackProof) => {
    if (line === told) return
    told = line
    log(`${experiment.key}: ${line}`)
    onProof?.(proof)
  }

  return (state) => {
    if (state === null || (state.status !== 'aborted' && state.status !== 'stopped')) return null
    const recordsCompleteFrom = completeFrom(state)
    const proof = proveRollback({
      experiment,
      state,
      instances: instances(),
      now: now(),
      recordsCompleteFrom,
      recordsSince: hasReplicas ? Number.POSITIVE_INFINITY : recordsSince(),
      leaseMs,
    })
    if (proof.violated.length > 0) {
      kept = null
      tell(`THE TREATMENT IS STILL SERVED. ${proof.violated.join(' ')}`, proof)
      return proof
    }
    // What reaches us late, of an instance that was frozen, is still told.
    const { lastTreatmentServedAt, servedForMs } = proof
    if (kept?.revision === state.revision) return { ...kept, lastTreatmentServedAt, servedForMs }
    if (!proof.proved) {
      if (now() - Math.max(state.changedAt, recordsCompleteFrom) > overdueAfterMs) {
        tell(`the rollback of revision ${state.revision} IS NOT PROVED, and should be by now.`, proof)
      }
      return proof
    }
    kept = proof
    tell(
      `rollback proved ${now() - state.changedAt} ms after revision ${state.revision}; ${sayLastTreatment(proof)}.`,
      proof,
    )
    return proof
  }
}

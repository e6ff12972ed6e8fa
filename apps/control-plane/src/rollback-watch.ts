import type { Experiment, RolloutState } from '@fairtrial/protocol'
import { type InstanceRecord, proveRollback, type RollbackProof } from '@fairtrial/rollout'

/** Follows a rollback until it is proved. Null while there is none. */
export type RollbackWatch = (state: RolloutState | null) => RollbackProof | null

/** The first proof is kept, for it says when; a treatment served after it takes it away again, and is alarmed. */
export function watchRollback(options: {
  readonly experiment: Experiment
  readonly instances: () => readonly InstanceRecord[]
  /** From when on `instances` names every lease that runs. */
  readonly recordsCompleteFrom: number
  /**
   * How long leases may run that other replicas granted before they could know of the rollback, milliseconds. Default:
   * there are no others.
   */
  readonly othersLeaseMs?: number
  readonly now: () => number
  readonly log: (line: string) => void
  /** From so long after a rollback on it is an alarm that it is not proved yet: leases have ended by then. */
  readonly overdueAfterMs: number
  /** Told when it is proved, when it should be and is not, and when a treatment is served after it. */
  readonly onProof?: (proof: RollbackProof) => void
}): RollbackWatch {
  const { experiment, instances, othersLeaseMs, overdueAfterMs, now, log, onProof } = options
  let kept: RollbackProof | null = null
  let seen = { revision: -1, at: 0 }
  let told = ''
  /** When it was first seen here it was in the store, and from then on no replica grants what was before. */
  const completeFrom = ({ revision }: RolloutState) => {
    if (othersLeaseMs === undefined) return options.recordsCompleteFrom
    if (seen.revision !== revision) seen = { revision, at: now() }
    return Math.max(options.recordsCompleteFrom, seen.at + othersLeaseMs)
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
      `rollback proved ${now() - state.changedAt} ms after revision ${state.revision}; ` +
        `the last treatment was served ${servedForMs} ms after it.`,
      proof,
    )
    return proof
  }
}

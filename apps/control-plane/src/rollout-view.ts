import type {
  AuditReport,
  Decision,
  Evaluation,
  Experiment,
  RolloutState,
  TransitionEvent,
} from '@fairtrial/protocol'
import type { RollbackProof } from '@fairtrial/rollout'

/** What is known of one rollout: the answer to `GET /v1/experiments/:key`. */
export interface RolloutView {
  readonly schema: 'fairtrial.rollout/1'
  readonly experiment: Experiment
  /** In force now. */
  readonly state: RolloutState | null
  /** Of the last look, like the evaluation and the audit that it was made from; null before the first. */
  readonly decision: Decision | null
  readonly evaluation: Evaluation | null
  readonly audit: AuditReport | null
  /** Of a rollout that was taken back; null while it was not. */
  readonly proof: RollbackProof | null
  /** The oldest first. */
  readonly transitions: readonly TransitionEvent[]
  /** Why the last look failed; null when it did not. */
  readonly error: string | null
}

import type { AuditReport, Decision, Evaluation, RolloutState, TransitionEvent } from '@fairtrial/protocol'
import type { RollbackProof } from '@fairtrial/rollout'

/** What the control plane tells of the rollout. */
export interface View {
  readonly state: RolloutState
  readonly decision: Decision | null
  readonly evaluation: Evaluation | null
  readonly audit: AuditReport | null
  readonly proof: RollbackProof | null
  readonly transitions: readonly TransitionEvent[]
}

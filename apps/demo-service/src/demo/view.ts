import type {
  AuditReport,
  Decision,
  DecisionAction,
  Evaluation,
  RolloutState,
  TransitionEvent,
} from '@fairtrial/protocol'
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

/** The share of viewers that the treatment may reach now. */
export function reachOf({ shippedVariant, trafficPercent }: RolloutState): number {
  return shippedVariant === null ? trafficPercent : 100
}

/** What the rollout has come to, in the word for the decision. */
export function outcomeOf({ status }: RolloutState): DecisionAction {
  const words = {
    aborted: 'abort',
    baking: 'ship',
    shipped: 'ship',
    stopped: 'stop',
    holding: 'hold',
    running: 'continue',
  } as const
  return words[status]
}

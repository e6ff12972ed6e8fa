import type { JsonObject } from './json.ts'
import type { RolloutState } from './state.ts'

/** What a decision does. An operator may also `advance`, `hold`, `resume` and `abort`. */
export type DecisionAction = 'continue' | 'advance' | 'hold' | 'abort' | 'ship' | 'stop'

/** The rule that fired, in the order in which rules are asked: harm, then doubt, then success. */
export type DecisionRule =
  | 'finished'
  | 'hard-limit'
  | 'guardrail-breach'
  | 'hold-expired'
  | 'audit-broken'
  | 'missing-evidence'
  | 'guardrail-hold'
  | 'stage-time'
  | 'stage-units'
  | 'guardrail-unknown'
  | 'stage-complete'
  | 'plan-success'
  | 'plan-end'
  | 'awaiting-plan'
  | 'operator'

export interface Decision {
  readonly schema: 'fairtrial.decision/1'
  readonly experiment: string
  readonly fingerprint: string
  readonly phase: number
  /** Of the state that was decided upon. */
  readonly revision: number
  /** Epoch milliseconds. */
  readonly decidedAt: number
  readonly action: DecisionAction
  readonly rule: DecisionRule
  /** Plain sentences, the deciding one first. */
  readonly reasons: readonly string[]
  /** The numbers behind the reasons. */
  readonly evidence: JsonObject
  /** The treatment that is to be served to everybody; set only with `ship`. */
  readonly shipVariant?: string
}

/** One change of state, with its cause: append-only. A rollback is one of these. */
export interface TransitionEvent {
  readonly schema: 'fairtrial.transition/1'
  readonly experiment: string
  readonly at: number
  /** `controller`, or the operator's name. */
  readonly by: string
  readonly from: RolloutState | null
  readonly to: RolloutState
  readonly decision: Decision | null
  readonly reason: string
}

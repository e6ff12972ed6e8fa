import {
  type AuditReport,
  hypothesisSentence,
  type RolloutState,
  type DecisionAction,
  type DecisionRule,
} from '@fairtrial/protocol'
import type { RolloutView } from './rollout-view.ts'

/** A rollout at a glance. */
export interface RolloutCard {
  readonly experiment: string
  readonly description: string | null
  readonly hypothesis: string
  readonly state: RolloutState | null
  readonly action: DecisionAction | null
  readonly rule: DecisionRule | null
  /** The deciding sentence. */
  readonly reason: string | null
  readonly verdict: AuditReport['verdict'] | null
  /** Exposed so far, of each variant. */
  readonly units: { readonly [variant: string]: number }
  readonly decidedAt: number | null
  readonly error: string | null
}

/** The answer to `GET /v1/experiments`. */
export interface RolloutList {
  readonly schema: 'fairtrial.rollouts/1'
  readonly rollouts: readonly RolloutCard[]
}

export function cardOf({ experiment, state, decision, evaluation, audit, error }: RolloutView): RolloutCard {
  return {
    experiment: experiment.key,
    description: experiment.description ?? null,
    hypothesis: hypothesisSentence(experiment),
    state,
    action: decision?.action ?? null,
    rule: decision?.rule ?? null,
    reason: decision?.reasons[0] ?? null,
    verdict: audit?.verdict ?? null,
    units: evaluation?.units ?? {},
    decidedAt: decision?.decidedAt ?? null,
    error,
  }
}

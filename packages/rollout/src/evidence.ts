import type { AuditReport, Evaluation, Experiment, RolloutState } from '@fairtrial/protocol'
import type { GuardrailReading } from './guardrail-reading.ts'
import type { Incomplete } from './half-a-log.ts'

/** All that a decision is made from. */
export interface Evidence {
  readonly experiment: Experiment
  readonly state: RolloutState
  /** Null where there is none: missing evidence, never good news. */
  readonly evaluation: Evaluation | null
  readonly audit: AuditReport | null
  /** What the log lacks that they were made from: it holds, and harm is believed that cannot be an artefact. Default: nothing. */
  readonly incomplete?: Incomplete | null
  /** Epoch milliseconds. */
  readonly now: number
  /**
   * Since when nothing is found that holds, epoch milliseconds, as `clearedSince` tells it; null, or absent, where that is
   * not known. Asked where the plan has a cool-down.
   */
  readonly clearSince?: number | null
}

/** The evidence, and what its guardrails say. */
export interface Case extends Evidence {
  /** None where the evaluation is of another phase, definition or trial. */
  readonly readings: readonly GuardrailReading[]
}

/** Whether the evaluation is of the phase that the state is in: harm is taken from no other. */
export function isOfPhase(evaluation: Evaluation | null, state: RolloutState): evaluation is Evaluation {
  return (
    evaluation !== null &&
    evaluation.experiment === state.experiment &&
    evaluation.fingerprint === state.fingerprint &&
    evaluation.phase === state.phase
  )
}

/** Whether a look was taken since the stage, or the bake, began: what was seen before it says nothing of it. */
export function hasLookedSince({ state, evaluation, audit }: Evidence): boolean {
  const { stageStartedAt } = state
  return (evaluation?.asOf ?? -1) > stageStartedAt && (audit?.asOf ?? -1) > stageStartedAt
}

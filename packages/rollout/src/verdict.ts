import type { DecisionAction, DecisionRule } from '@fairtrial/protocol'

/** What a rule says. */
export interface Verdict {
  readonly action: DecisionAction
  readonly rule: DecisionRule
  /** Plain sentences, the deciding one first. */
  readonly reasons: readonly string[]
  readonly shipVariant?: string
}

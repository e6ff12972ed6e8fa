import type {
  Decision,
  DecisionAction,
  DecisionRule,
  JsonObject,
  RolloutState,
  RolloutStatus,
} from '@fairtrial/protocol'
import type { TrailEntry } from './rollout-view.ts'

/** That somebody thinks otherwise, and why. */
export interface Dissent {
  /** Of its entry in the trail. */
  readonly sequence: number
  /** Epoch milliseconds. */
  readonly at: number
  readonly by: string
  readonly text: string
}

/** One decision that changed a rollout, or one word on it, with what was known then. */
export interface DecisionLogEntry {
  /** Of its entry in the trail. */
  readonly sequence: number
  /** Epoch milliseconds. */
  readonly at: number
  /** `controller`, or a person's name. */
  readonly by: string
  readonly role: TrailEntry['role']
  readonly kind: 'transition' | 'note' | 'dissent'
  /** Why; of a note, the note. */
  readonly text: string
  /** In force after it; of a note, when it was written. */
  readonly revision: number
  readonly phase: number
  readonly status: RolloutStatus
  readonly stage: number
  readonly trafficPercent: number
  /** Of the decision behind it; null of an operator's order. Of a note, of the last decision before it. */
  readonly action: DecisionAction | null
  readonly rule: DecisionRule | null
  readonly reasons: readonly string[]
  readonly changesWhen: readonly string[]
  /** The numbers behind the reasons. */
  readonly evidence: JsonObject
  readonly digests: Decision['digests'] | null
  /** Of a transition: who disagreed with it. */
  readonly dissent: readonly Dissent[]
}

/** Who decided what, on what, and who disagreed: a page of it, the newest first. */
export interface DecisionLog {
  readonly schema: 'fairtrial.decisions/1'
  readonly experiment: string
  readonly entries: readonly DecisionLogEntry[]
  /** The `before` of the next page; null where there is none. */
  readonly next: number | null
}

/** What an entry keeps of a state and of the decision behind it. */
export type DecisionContext = Omit<
  DecisionLogEntry,
  'sequence' | 'at' | 'by' | 'role' | 'kind' | 'text' | 'dissent'
>

/** What was known, and decided last, when a state came into force or somebody said something. */
export function decisionContext(state: RolloutState, decision: Decision | null): DecisionContext {
  const { revision, phase, status, stage, trafficPercent } = state
  return {
    revision,
    phase,
    status,
    stage,
    trafficPercent,
    action: decision?.action ?? null,
    rule: decision?.rule ?? null,
    reasons: decision?.reasons ?? [],
    changesWhen: decision?.changesWhen ?? [],
    evidence: decision?.evidence ?? {},
    digests: decision?.digests ?? null,
  }
}

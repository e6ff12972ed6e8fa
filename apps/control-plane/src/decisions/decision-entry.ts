import type { Decision, JsonObject, RolloutState, TransitionEvent } from '@fairtrial/protocol'
import {
  type DecisionContext,
  decisionContext,
  type DecisionLogEntry,
  type Dissent,
  type TrailEntry,
} from '@fairtrial/rollout'
import { plain } from '../trail/fact-of.ts'

/** The detail of a note's entry in the trail. */
export function noteDetail(text: string, state: RolloutState, decision: Decision | null): JsonObject {
  return plain({ text, ...decisionContext(state, decision) })
}

/** Of an entry of the trail that is a transition, a note or a dissent. */
export function decisionEntry(
  { sequence, at, by, role, kind, detail }: TrailEntry,
  dissent: readonly Dissent[],
): DecisionLogEntry {
  if (kind === 'transition') {
    const { to, decision, reason } = detail as unknown as TransitionEvent
    return { sequence, at, by, role, kind, text: reason, ...decisionContext(to, decision), dissent }
  }
  const said = detail as unknown as DecisionContext & { readonly text: string }
  return { sequence, at, by, role, kind: kind === 'dissent' ? kind : 'note', ...said, dissent }
}

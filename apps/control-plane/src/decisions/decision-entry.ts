import type { Decision, JsonObject, RolloutState, TransitionEvent } from '@fairtrial/protocol'
import type { DecisionLogEntry, Dissent, TrailEntry } from '@fairtrial/rollout'
import { plain } from '../trail/fact-of.ts'

/** What is kept of a state and of the decision behind it. */
type Context = Omit<DecisionLogEntry, 'sequence' | 'at' | 'by' | 'role' | 'kind' | 'text' | 'dissent'>

/** What was known, and decided last, when somebody said something. */
export function contextOf(state: RolloutState, decision: Decision | null): Context {
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

/** The detail of a note's entry in the trail. */
export function noteDetail(text: string, state: RolloutState, decision: Decision | null): JsonObject {
  return plain({ text, ...contextOf(state, decision) })
}

/** Of an entry of the trail that is a transition, a note or a dissent. */
export function decisionEntry(
  { sequence, at, by, role, kind, detail }: TrailEntry,
  dissent: readonly Dissent[],
): DecisionLogEntry {
  if (kind === 'transition') {
    const { to, decision, reason } = detail as unknown as TransitionEvent
    return { sequence, at, by, role, kind, text: reason, ...contextOf(to, decision), dissent }
  }
  const said = detail as unknown as Context & { readonly text: string }
  return { sequence, at, by, role, kind: kind === 'dissent' ? kind : 'note', ...said, dissent }
}

import { ExperimentError, parseState } from '@fairtrial/protocol'
import type { TransitionEvent } from '@fairtrial/protocol'

/**
 * Refuses a transition that does not lead one revision on from what is expected, whatever the store holds, or to what no
 * store could read again.
 */
export function checkTransition(transition: TransitionEvent, expectedRevision: number | null): void {
  const { experiment, from, to } = transition
  const isNext = to.revision === (expectedRevision ?? 0) + 1 && (from?.revision ?? null) === expectedRevision
  if (!isNext || to.experiment !== experiment) {
    throw invalid(
      `A transition of ${experiment} from revision ${from?.revision ?? 'none'} to ${to.revision} does not follow ${expectedRevision ?? 'an empty store'}.`,
    )
  }
  const parsed = parseState(to)
  if (!parsed.ok) throw invalid(`A transition of ${experiment} leads to no state: ${parsed.detail}.`)
}

function invalid(message: string): ExperimentError {
  return new ExperimentError(
    'invalid-argument',
    message,
    'Make it with transition(), operate() or openPhase() from the state that was read, at whole epoch milliseconds.',
  )
}

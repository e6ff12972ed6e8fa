import { ExperimentError } from '@fairtrial/protocol'
import type { TransitionEvent } from '@fairtrial/protocol'

/** Refuses a transition that does not lead one revision on from what is expected, whatever the store holds. */
export function checkTransition(transition: TransitionEvent, expectedRevision: number | null): void {
  const { experiment, from, to } = transition
  const isNext = to.revision === (expectedRevision ?? 0) + 1 && (from?.revision ?? null) === expectedRevision
  if (isNext && to.experiment === experiment) return
  throw new ExperimentError(
    'invalid-argument',
    `A transition of ${experiment} from revision ${from?.revision ?? 'none'} to ${to.revision} does not follow ${expectedRevision ?? 'an empty store'}.`,
    'Make it with transition(), operate() or openPhase() from the state that was read.',
  )
}

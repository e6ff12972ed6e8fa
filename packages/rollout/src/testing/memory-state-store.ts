import type { TransitionEvent } from '@fairtrial/protocol'
import { checkTransition } from '../controller/check-transition.ts'
import type { StateStore } from '../controller/state-store.ts'

/** A state store that forgets: for tests and demonstrations. */
export function memoryStateStore(): StateStore {
  const journals = new Map<string, TransitionEvent[]>()
  const journalOf = (experiment: string): readonly TransitionEvent[] => journals.get(experiment) ?? []
  const stateOf = (experiment: string) => journalOf(experiment).at(-1)?.to ?? null
  return {
    read: async (experiment) => stateOf(experiment),
    async compareAndSet(transition, expectedRevision) {
      checkTransition(transition, expectedRevision)
      const { experiment, to } = transition
      const state = stateOf(experiment)
      if ((state?.revision ?? null) !== expectedRevision) return { stored: false, state }
      journals.set(experiment, [...journalOf(experiment), transition])
      return { stored: true, state: to }
    },
    transitions: async (experiment) => journalOf(experiment),
  }
}

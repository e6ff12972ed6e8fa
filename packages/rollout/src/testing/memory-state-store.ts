import type { LookLedger, TransitionEvent } from '@fairtrial/protocol'
import { checkGrown } from '../controller/check-grown.ts'
import { checkTransition } from '../controller/check-transition.ts'
import type { StateStore } from '../controller/state-store.ts'

/** A state store that forgets: for tests and demonstrations. */
export function memoryStateStore(): StateStore {
  const journals = new Map<string, TransitionEvent[]>()
  const ledgers = new Map<string, LookLedger>()
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
    looks: async (experiment, phase) => ledgers.get(`${experiment} ${phase}`) ?? null,
    async recordLooks(ledger, expectedLooks) {
      checkGrown(ledger, expectedLooks)
      const name = `${ledger.experiment} ${ledger.phase}`
      if ((ledgers.get(name)?.looks.length ?? 0) !== expectedLooks) return false
      ledgers.set(name, ledger)
      return true
    },
  }
}

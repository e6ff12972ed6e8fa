import type { LookLedger, TransitionEvent } from '@fairtrial/protocol'
import { checkGrown } from '../controller/check-grown.ts'
import { checkKey } from '../controller/check-key.ts'
import { checkTransition } from '../controller/check-transition.ts'
import type { StateStore } from '../controller/state-store.ts'
import type { MemoryLeases } from './memory-leases.ts'

/**
 * A state store that forgets: for tests and demonstrations.
 *
 * @param options.leases what fences are held against. Without it every fence is the one in force
 */
export function memoryStateStore(options: { readonly leases?: MemoryLeases } = {}): StateStore {
  const { leases } = options
  const journals = new Map<string, TransitionEvent[]>()
  const ledgers = new Map<string, LookLedger>()
  const watchers = new Set<(experiment: string | null) => void>()
  const journalOf = (experiment: string): readonly TransitionEvent[] => journals.get(experiment) ?? []
  const stateOf = (experiment: string) => journalOf(experiment).at(-1)?.to ?? null
  const isFenced = (fence: number | undefined) =>
    fence !== undefined && leases !== undefined && fence !== leases.token
  return {
    async read(experiment) {
      checkKey(experiment)
      return stateOf(experiment)
    },
    async compareAndSet(transition, expectedRevision, { fence } = {}) {
      checkTransition(transition, expectedRevision)
      const { experiment, to } = transition
      checkKey(experiment)
      const state = stateOf(experiment)
      if (isFenced(fence)) return { stored: false, fenced: true, state }
      if ((state?.revision ?? null) !== expectedRevision) return { stored: false, state }
      journals.set(experiment, [...journalOf(experiment), transition])
      for (const tell of watchers) tell(experiment)
      return { stored: true, state: to }
    },
    experiments: async () => [...journals.keys()],
    transitions: async (experiment) => journalOf(experiment),
    looks: async (experiment, phase) => ledgers.get(`${experiment} ${phase}`) ?? null,
    async recordLooks(ledger, expectedLooks, { fence } = {}) {
      checkGrown(ledger, expectedLooks)
      if (isFenced(fence)) return false
      const name = `${ledger.experiment} ${ledger.phase}`
      if ((ledgers.get(name)?.looks.length ?? 0) !== expectedLooks) return false
      ledgers.set(name, ledger)
      return true
    },
    async watch(onChange) {
      watchers.add(onChange)
      return async () => void watchers.delete(onChange)
    },
  }
}

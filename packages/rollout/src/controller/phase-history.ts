import type { EarlierPhase } from '@fairtrial/fidelity'
import type { RolloutState } from '@fairtrial/protocol'
import type { StateStore } from './state-store.ts'

/** What the journal tells of a phase and of those before it. */
export interface PhaseHistory {
  readonly phase: number
  /** Whatever the definition is by now, it tells by which weights their units fell. */
  readonly earlier: readonly EarlierPhase[]
  /** Of the state that began to enrol, where the phase awaited its start. */
  readonly startRevision?: number
}

/** Reads the journal only for what has a history: not in a first phase that began at once. */
export async function phaseHistory(
  store: StateStore,
  { experiment, phase, awaitsStart }: RolloutState,
): Promise<PhaseHistory> {
  if (phase === 1 && awaitsStart === undefined) return { phase, earlier: [] }
  const transitions = await store.transitions(experiment)
  const earlier = transitions.flatMap(({ to, weights }) =>
    weights === undefined || to.phase >= phase
      ? []
      : [{ phase: to.phase, fingerprint: to.fingerprint, weights }],
  )
  const start = transitions.find(
    ({ from, to }) => to.phase === phase && from?.awaitsStart === true && to.awaitsStart !== true,
  )
  return { phase, earlier, ...(start && { startRevision: start.to.revision }) }
}

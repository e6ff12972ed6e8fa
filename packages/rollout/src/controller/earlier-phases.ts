import type { EarlierPhase } from '@fairtrial/fidelity'
import type { StateStore } from './state-store.ts'

/** The phases before one, from the journal: whatever the definition is by now, it tells by which weights their units fell. */
export async function earlierPhases(
  store: StateStore,
  experiment: string,
  before: number,
): Promise<readonly EarlierPhase[]> {
  const transitions = await store.transitions(experiment)
  return transitions.flatMap(({ to: { phase, fingerprint }, weights }) =>
    weights === undefined || phase >= before ? [] : [{ phase, fingerprint, weights }],
  )
}

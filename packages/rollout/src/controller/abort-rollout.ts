import type { Experiment } from '@fairtrial/protocol'
import { type Ordered, orderRollout } from './order-rollout.ts'
import type { StateStore } from './state-store.ts'

/**
 * The abort by hand. It needs the store and nothing else: no loop, no log, no evidence, no definition in force.
 * Whoever writes in between is overruled, not overwritten: the state is read anew and aborted from there.
 *
 * @returns the state in force, and the transition that made it; null when the phase was over already
 * @throws ExperimentError `invalid-argument` without a name or a reason, `refused` when no rollout was started
 */
export function abortRollout(
  store: StateStore,
  experiment: Experiment,
  order: { readonly by: string; readonly reason: string; readonly now: number },
): Promise<Ordered> {
  return orderRollout(store, experiment, { ...order, action: 'abort' })
}

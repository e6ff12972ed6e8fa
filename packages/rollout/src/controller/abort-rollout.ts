import { ExperimentError } from '@fairtrial/protocol'
import type { Experiment, RolloutState, TransitionEvent } from '@fairtrial/protocol'
import { operate } from '../transition.ts'
import type { StateStore } from './state-store.ts'

/** Writers that an abort outlasts before it gives up. */
const ATTEMPTS = 20

/**
 * The abort by hand. It needs the store and nothing else: no loop, no log, no evidence, no definition in force.
 * Whoever writes in between is overruled, not overwritten: the state is read anew and aborted from there.
 *
 * @returns the state in force, and the transition that made it; null when the phase was over already
 * @throws ExperimentError `invalid-argument` without a name or a reason, `refused` when no rollout was started
 */
export async function abortRollout(
  store: StateStore,
  experiment: Experiment,
  order: { readonly by: string; readonly reason: string; readonly now: number },
): Promise<{ readonly state: RolloutState; readonly transition: TransitionEvent | null }> {
  const { by, reason, now } = order
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const state = await store.read(experiment.key)
    if (state === null) {
      throw new ExperimentError(
        'refused',
        `There is no rollout of ${experiment.key} to abort.`,
        'Check the key, and that this is the store of the controller.',
      )
    }
    const transition = operate(experiment, state, { action: 'abort', by, reason }, now)
    if (transition === null) return { state, transition }
    const outcome = await store.compareAndSet(transition, state.revision)
    if (outcome.stored) return { state: outcome.state, transition }
  }
  throw new ExperimentError(
    'revision-conflict',
    `${experiment.key} changed ${ATTEMPTS} times while it was being aborted.`,
    'Stop the other writers and abort again.',
  )
}

import { ExperimentError } from '@fairtrial/protocol'
import type { Decision, Experiment, RolloutState, TransitionEvent } from '@fairtrial/protocol'
import { type Order, operate } from '../operate.ts'
import type { StateStore } from './state-store.ts'

/** Writers that an order outlasts before it gives up. */
const ATTEMPTS = 20

/** How an order went: the state in force, and the transition that made it; null when nothing was left to do. */
export interface Ordered {
  readonly state: RolloutState
  readonly transition: TransitionEvent | null
}

/**
 * A person's order, through the store and nothing else: no loop, no log, no lease. Whoever writes in between is not
 * overwritten: the state is read anew and the order asked of it again, with all that stands against it. Only `advance`,
 * `retry` and `approve` lose to whoever was first: they were meant for the state that was seen.
 *
 * @param order.now epoch milliseconds
 * @param order.seen the revision that the person saw, where it is known: another in force refuses all but an abort. An
 *   `approve` needs it: a word about the start is none about the stage that it began
 * @param order.last what the last look has decided, which an advance does not go past; null where it failed, which it does not either
 * @throws ExperimentError what `operate` throws; `invalid-argument` for an `approve` of nothing that was seen; `refused` when no rollout was started; `revision-conflict` for the loser
 *   of a race
 */
export async function orderRollout(
  store: StateStore,
  experiment: Experiment,
  order: Order & { readonly now: number; readonly seen?: number; readonly last?: Decision | null },
): Promise<Ordered> {
  const { now, seen, last, ...signed } = order
  const { action } = signed
  if (action === 'approve' && seen === undefined) {
    throw new ExperimentError(
      'invalid-argument',
      `An order to approve ${experiment.key} needs the revision that was seen, and there is none.`,
      'Look at the state, and give its revision with the order.',
    )
  }
  const isForSeen = action === 'advance' || action === 'retry' || action === 'approve'
  for (let attempt = 0; attempt < (isForSeen ? 1 : ATTEMPTS); attempt++) {
    const state = await store.read(experiment.key)
    if (state === null) {
      throw new ExperimentError(
        'refused',
        `There is no rollout of ${experiment.key} to ${action}.`,
        'Check the key, and that this is the store of the controller.',
      )
    }
    if (seen !== undefined && state.revision !== seen && action !== 'abort') break
    const transition = operate(experiment, state, signed, now, last)
    if (transition === null) return { state, transition }
    const outcome = await store.compareAndSet(transition, state.revision)
    if (outcome.stored) return { state: outcome.state, transition }
  }
  throw new ExperimentError(
    'revision-conflict',
    `${experiment.key} changed while the order to ${action} it was on its way.`,
    'Look at the state that is in force now, and order again if it still makes sense.',
  )
}

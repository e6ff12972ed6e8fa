import type { Experiment, TransitionEvent } from '@fairtrial/protocol'
import { abortRollout, type StateStore } from '@fairtrial/rollout/controller'
import type { Signed } from './orders.ts'
import { Refused } from './refused.ts'

/** What somebody orders. */
export interface Order extends Signed {
  readonly action: 'abort'
}

/** Takes an order through the store, and through nothing else. */
export async function takeOrder(
  store: StateStore,
  experiment: Experiment,
  order: Order,
  now: () => number,
): Promise<TransitionEvent> {
  const { by, reason } = order
  const { state, transition } = await abortRollout(store, experiment, { by, reason, now: now() })
  if (transition !== null) return transition
  throw new Refused(409, 'finished', `${experiment.key} is ${state.status} already.`, {
    remedy: 'There is nothing to take back.',
    state,
  })
}

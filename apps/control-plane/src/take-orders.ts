import { type Decision, type Experiment, ExperimentError, type TransitionEvent } from '@fairtrial/protocol'
import type { Order as SignedOrder } from '@fairtrial/rollout'
import { orderRollout, type StateStore } from '@fairtrial/rollout/controller'
import { detailOf, Refused } from './refused.ts'

/** What somebody orders. */
export interface Order extends SignedOrder {
  /** The revision that they saw; another in force refuses all but an abort. */
  readonly seen?: number
}

/**
 * Takes an order through the store, and through nothing else. Whoever is too late, or has something against them, is
 * told the state that is in force.
 */
export async function takeOrder(
  store: StateStore,
  experiment: Experiment,
  order: Order & { readonly now: number; readonly last: Decision | null },
): Promise<TransitionEvent> {
  const { key } = experiment
  try {
    const { state, transition } = await orderRollout(store, experiment, order)
    if (transition !== null) return transition
    throw new Refused(
      409,
      'finished',
      `There is nothing to ${order.action}: ${key} is ${state.status} already.`,
      {
        remedy: 'Nothing more is to do.',
        state,
      },
    )
  } catch (error) {
    if (!(error instanceof ExperimentError) || !LOST.has(error.code)) throw error
    const state = await store.read(key)
    throw new Refused(409, error.code, detailOf(error), {
      remedy: error.remedy,
      ...(state !== null && { state }),
    })
  }
}

/** Refused for what the state is, and not for what was sent. */
const LOST: ReadonlySet<ExperimentError['code']> = new Set([
  'refused',
  'revision-conflict',
  'definition-changed',
])

import { ExperimentError } from '@fairtrial/protocol'
import type { RolloutState } from '@fairtrial/protocol'
import { isFinal } from './start.ts'

/** That the state does not allow an order, and what to do instead. */
export function refused(message: string, remedy: string): ExperimentError {
  return new ExperimentError('refused', message, remedy)
}

export function refuseOver(state: RolloutState, action: string): void {
  if (!isFinal(state)) return
  throw refused(
    `Phase ${state.phase} of ${state.experiment} is over: it was ${state.status}. There is nothing to ${action}.`,
    state.status === 'shipped' ? 'Nothing is to do.' : 'Order a retry: it opens the next phase.',
  )
}

/** Nothing goes on past a hold by hand. */
export function refuseHeld(state: RolloutState): void {
  const holder = state.heldBy ?? null
  if (holder !== null) throw refused(`${holder} holds ${state.experiment}.`, 'Resume it first.')
}

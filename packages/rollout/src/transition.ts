import { ExperimentError } from '@fairtrial/protocol'
import type { Decision, Experiment, RolloutState, TransitionEvent } from '@fairtrial/protocol'
import {
  aborting,
  bakingOf,
  type Change,
  entering,
  eventOf,
  shipping,
  starting,
  STOPPED,
  UNHELD,
} from './change.ts'
import { isFinal } from './start.ts'

/**
 * A decision applied to the state it was made of: the next state, with its cause, one revision on.
 *
 * @returns null when nothing changes; always null from a final state
 * @throws ExperimentError `definition-changed` for a decision about another definition or phase,
 *   `revision-conflict` for one about another revision, unless it is an abort: an abort always wins
 */
export function transition(
  experiment: Experiment,
  state: RolloutState,
  decision: Decision,
  options: { readonly now: number; readonly by: string },
): TransitionEvent | null {
  refuseForeign(experiment, state, decision)
  if (isFinal(state)) return null
  const { now, by } = options
  const reason = decision.reasons[0] ?? decision.rule
  const change = changeOf(experiment, state, decision, now)
  return change === null ? null : eventOf(state, change, { at: now, by, reason, decision })
}

/** The event that opens a phase. It keeps the weights, for the definition may be another in the next phase. */
export function openPhase(
  experiment: Experiment,
  from: RolloutState | null,
  to: RolloutState,
  by: string,
): TransitionEvent {
  return {
    schema: 'fairtrial.transition/1',
    experiment: to.experiment,
    at: to.changedAt,
    by,
    from,
    to,
    decision: null,
    reason: to.cause,
    weights: Object.fromEntries(experiment.variants.map(({ name, weight }) => [name, weight])),
  }
}

function changeOf(
  experiment: Experiment,
  state: RolloutState,
  decision: Decision,
  now: number,
): Change | null {
  const isBaking = state.status === 'baking'
  // A hold by hand ends by hand; only an abort goes through it.
  if ((state.heldBy ?? null) !== null && decision.action !== 'abort') return null
  if (decision.action === 'abort') return aborting(state)
  if (state.awaitsStart === true) return decision.rule === 'start' ? starting(experiment, now) : null
  switch (decision.action) {
    case 'ship': {
      const { bake } = experiment.ramp
      if (decision.shipVariant === undefined) throw shipsNothing(state)
      return bake === undefined || isBaking
        ? shipping(decision.shipVariant)
        : bakingOf(decision.shipVariant, bake.holdbackPercent, now)
    }
    case 'stop':
      return STOPPED
    case 'hold':
      return holdingOf(state, decision, now)
    case 'continue':
      // A bake that is held stays a bake: what has shipped is served on.
      if (state.holdingSince === null && state.status !== 'holding') return null
      return { status: isBaking ? 'baking' : 'running', ...UNHELD }
    case 'advance':
      return { status: 'running', ...UNHELD, ...entering(experiment, state.stage + 1, now) }
  }
}

/** Since when stays what it was: a hold that is renewed at every tick would never expire. */
function holdingOf(state: RolloutState, { rule }: Decision, now: number): Change | null {
  if (rule === 'hold-extended') return (state.extendedAt ?? null) === null ? { extendedAt: now } : null
  if (state.holdingSince !== null) return null
  return { status: state.status === 'baking' ? 'baking' : 'holding', holdingSince: now }
}

function shipsNothing(state: RolloutState): ExperimentError {
  return new ExperimentError(
    'invalid-argument',
    `The decision to ship ${state.experiment} names no variant.`,
    "Set the decision's shipVariant.",
  )
}

function refuseForeign(experiment: Experiment, state: RolloutState, decision: Decision): void {
  const parts = [experiment, state, decision].map(({ fingerprint }) => fingerprint)
  if (new Set(parts).size > 1 || decision.phase !== state.phase) {
    throw new ExperimentError(
      'definition-changed',
      `The decision about ${decision.experiment} (phase ${decision.phase}) is not about the state in hand ` +
        `(${state.experiment}, phase ${state.phase}) under this definition.`,
      'Decide again, from the state and the definition in force.',
    )
  }
  if (decision.revision !== state.revision && decision.action !== 'abort') {
    throw new ExperimentError(
      'revision-conflict',
      `The decision about ${state.experiment} was made at revision ${decision.revision}; the state is at ${state.revision}.`,
      'Read the state and decide again.',
    )
  }
}

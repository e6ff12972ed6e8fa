import { ExperimentError } from '@fairtrial/protocol'
import type { Decision, Experiment, RolloutState, TransitionEvent } from '@fairtrial/protocol'
import { stageOf } from './plan.ts'
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

/**
 * An operator's order. It asks for no evidence.
 *
 * @returns null when the phase is over already
 * @throws ExperimentError `invalid-argument` without a name or a reason
 */
export function operate(
  experiment: Experiment,
  state: RolloutState,
  order: { readonly action: 'abort'; readonly by: string; readonly reason: string },
  now: number,
): TransitionEvent | null {
  for (const field of ['by', 'reason'] as const) {
    if (order[field].trim() === '') {
      throw new ExperimentError(
        'invalid-argument',
        `An abort of ${experiment.key} needs '${field}', and it is empty.`,
        'Say who aborts, and why: both stay in the journal.',
      )
    }
  }
  if (isFinal(state)) return null
  return eventOf(state, ABORTED, { at: now, by: order.by, reason: order.reason, decision: null })
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

type Change = Partial<RolloutState>

const ABORTED: Change = { status: 'aborted', trafficPercent: 0, holdingSince: null }

function changeOf(
  experiment: Experiment,
  state: RolloutState,
  decision: Decision,
  now: number,
): Change | null {
  switch (decision.action) {
    case 'abort':
      return ABORTED
    case 'ship':
      if (decision.shipVariant === undefined) throw shipsNothing(state)
      return {
        status: 'shipped',
        trafficPercent: 0,
        holdingSince: null,
        shippedVariant: decision.shipVariant,
      }
    case 'stop':
      return { status: 'stopped', trafficPercent: 0, holdingSince: null }
    case 'hold':
      // Since when stays what it was: a hold that is renewed at every tick would never expire.
      return state.holdingSince === null ? { status: 'holding', holdingSince: now } : null
    case 'continue':
      return state.status === 'holding' ? { status: 'running', holdingSince: null } : null
    case 'advance': {
      const stage = state.stage + 1
      const { trafficPercent } = stageOf(experiment, stage)
      return { status: 'running', holdingSince: null, stage, trafficPercent, stageStartedAt: now }
    }
  }
}

function eventOf(
  from: RolloutState,
  change: Change,
  { at, by, reason, decision }: Pick<TransitionEvent, 'at' | 'by' | 'reason' | 'decision'>,
): TransitionEvent {
  const to = { ...from, ...change, revision: from.revision + 1, changedAt: at, cause: reason }
  return { schema: 'fairtrial.transition/1', experiment: from.experiment, at, by, from, to, decision, reason }
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

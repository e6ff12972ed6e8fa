import { ExperimentError } from '@fairtrial/protocol'
import type {
  Decision,
  DecisionRule,
  Experiment,
  ReadinessReport,
  RolloutState,
  TransitionEvent,
} from '@fairtrial/protocol'
import { approving, isSamePerson } from './approve.ts'
import { aborting, type Change, entering, eventOf, starting } from './change.ts'
import { coolDownLeft } from './cool-down.ts'
import { givingReadiness } from './give-readiness.ts'
import { stageOf } from './plan.ts'
import { refused, refuseHeld, refuseOver } from './refused-order.ts'
import { gateInForce, missingReadiness } from './start-gate.ts'
import { isFinal, sayAwaited, startRollout } from './start.ts'
import { openPhase } from './transition.ts'
import { asSentence, sayDuration } from './words.ts'

/** What a person may order. */
export type OrderAction = 'abort' | 'hold' | 'resume' | 'advance' | 'approve' | 'retry' | 'ready'

/** An order, signed: who, and why. Both stay in the journal. */
export interface Order {
  readonly action: OrderAction
  readonly by: string
  readonly reason: string
  /** Of `ready`: what `fairtrial ready` has found. It stays in the journal, too. */
  readonly report?: ReadinessReport
}

/** What stands against an advance by hand, too. */
const NEVER_PAST: ReadonlySet<DecisionRule> = new Set<DecisionRule>([
  'hard-limit',
  'guardrail-breach',
  'check-failed',
  'budget-spent',
  'hold-expired',
  'audit-broken',
  'missing-evidence',
  // For the one look that extends a hold: what it is held for stands behind it.
  'hold-extended',
])

/**
 * A person's order. It asks for no evidence; the next tick judges what it has made of the state.
 *
 * - `abort` withdraws every treatment, from any state that is not final, under any definition; a bake too.
 * - `hold` keeps traffic where it is until `resume` or `abort`: the controller never leaves such a hold, and
 *   `maximumHold` does not run in it. Harm still aborts.
 * - `resume` ends a hold by hand, and nothing else: a hold for want of evidence that was there before it goes on, and ends
 *   with its reason and after the cool-down; `maximumHold` begins anew.
 * - `advance` goes one stage on without the stage's time and units. Not past a missing approval, not while somebody holds,
 *   not from the last stage; nor, where `last` is given, past harm, a broken audit or missing evidence, or what no look has seen.
 *   While the start is awaited it starts the phase, past a readiness report that is missing or too old, never past a missing
 *   approval; where the plan asks for approvals, one of them must be another person's.
 * - `approve` is one person's word that the present stage may be left, or the start be made: one word each, as many as are asked for.
 * - `retry` opens the next phase, with fresh evidence, under the definition in hand; from `aborted` and `stopped` only,
 *   and only once `ramp.coolDown` has passed. Where the plan has a gate before the start, that phase awaits it again.
 * - `ready` gives the readiness report of a phase that awaits its start; a newer one takes its place, a minute later at the
 *   earliest, and is approved anew.
 *
 * @param last what the last look has decided; null where there was none or it failed. Not given: nobody looks
 * @returns null when nothing is left to do: an abort of what is over, a hold by who holds it already
 * @throws ExperimentError `invalid-argument` without a name, a reason, a known action or the report of `ready`; `definition-changed` for the state of
 *   another definition (but for `abort` and `retry`); `refused` when the state does not allow it
 */
export function operate(
  experiment: Experiment,
  state: RolloutState,
  order: Order,
  now: number,
  last?: Decision | null,
): TransitionEvent | null {
  refuseUnsigned(experiment, order)
  const { action, by, reason } = order
  if (action !== 'abort' && action !== 'retry') refuseForeign(experiment, state)
  const set = (change: Change): TransitionEvent =>
    eventOf(state, change, { at: now, by, reason, decision: null })
  switch (action) {
    case 'abort':
      return isFinal(state) ? null : set(aborting(state))
    case 'hold':
      return holdBy(state, by, set)
    case 'resume':
      refuseOver(state, 'resume')
      if ((state.heldBy ?? null) === null) {
        throw refused(
          `Nobody holds ${state.experiment} by hand: it is ${state.status}. ${asSentence(state.cause)}`,
          'A hold for want of evidence ends with its reason.',
        )
      }
      return set(resuming(experiment, state, now))
    case 'advance':
      return set(advanceOf(experiment, state, { by, now, last }))
    case 'approve':
      return set({ ...approving(experiment, state, { by, at: now, reason }), cause: state.cause })
    case 'retry':
      return retry(experiment, state, order, now)
    case 'ready': {
      const { change, report } = givingReadiness(experiment, state, { by, report: order.report }, now)
      return { ...set({ ...change, cause: state.cause }), readiness: report }
    }
    default:
      throw new ExperimentError(
        'invalid-argument',
        `${JSON.stringify(action)} is no order.`,
        'Order abort, hold, resume, advance, approve, retry or ready.',
      )
  }
}

function holdBy(
  state: RolloutState,
  by: string,
  set: (change: Change) => TransitionEvent,
): TransitionEvent | null {
  refuseOver(state, 'hold')
  const holder = state.heldBy ?? null
  if (holder === by) return null
  if (holder !== null) {
    throw refused(
      `${holder} holds ${state.experiment} already: ${asSentence(state.cause)}`,
      'Nothing more is to do.',
    )
  }
  return set({ status: state.status === 'baking' ? 'baking' : 'holding', heldBy: by })
}

/** What was held for want of evidence is so again, with all of the longest hold before it, and cools down like any other. */
function resuming(experiment: Experiment, state: RolloutState, now: number): Change {
  const { status, phase, holdingSince, awaitsStart = false } = state
  const isDoubted = holdingSince !== null
  return {
    heldBy: null,
    holdingSince: isDoubted ? now : null,
    ...(status !== 'baking' && { status: isDoubted || awaitsStart ? 'holding' : 'running' }),
    // What is awaited still is the reason for the state; the person's is in the journal.
    ...(awaitsStart && { cause: sayAwaited(phase, gateInForce(experiment, state)) }),
  }
}

function advanceOf(
  experiment: Experiment,
  state: RolloutState,
  { by, now, last }: { by: string; now: number; last: Decision | null | undefined },
): Change {
  refuseOver(state, 'advance')
  if (state.awaitsStart === true) return startByHand(experiment, state, by, now)
  const { stages } = experiment.ramp
  if (state.status === 'baking' || state.stage >= stages.length - 1) {
    throw refused(
      `${state.experiment} is on its last stage${state.status === 'baking' ? ' and bakes' : ''}.`,
      'What is better ships by the plan; abort or hold it by hand.',
    )
  }
  refuseHeld(state)
  refuseUnapproved(state, `Stage ${state.stage + 1}`, stageOf(experiment, state.stage).approvals ?? 0)
  if (last !== undefined) refuseUnseen(state, last)
  // A hold for want of evidence goes on: its end is not put off by an advance.
  return entering(experiment, state.stage + 1, now)
}

/** Past a readiness report, and past no person: whoever overrides it does not do so alone where the plan asks for people. */
function startByHand(experiment: Experiment, state: RolloutState, by: string, now: number): Change {
  refuseHeld(state)
  const { approvals: asked } = gateInForce(experiment, state)
  refuseUnapproved(state, 'The start', asked)
  const isOverridden = missingReadiness(experiment, state, now).length > 0
  const isAlone = (state.approvals ?? []).every((approval) => isSamePerson(approval.by, by))
  if (isOverridden && asked > 0 && isAlone) {
    throw refused(
      `${by} alone has approved the start, and would alone override the readiness report that is missing.`,
      'Have another person order it, or give the report.',
    )
  }
  return starting(experiment, now)
}

function refuseUnapproved(state: RolloutState, what: string, asked: number): void {
  const given = state.approvals?.length ?? 0
  if (given >= asked) return
  throw refused(
    `${what} asks for ${asked} approvals and has ${given}.`,
    'Have it approved first: nobody is asked to skip that.',
  )
}

function refuseUnseen(state: RolloutState, last: Decision | null): void {
  if (last === null || last.phase !== state.phase) {
    throw refused(
      `No look at phase ${state.phase} of ${state.experiment} has come to a decision, or the last one failed: what stands against an advance is not known.`,
      'Order it after a look that succeeds.',
    )
  }
  if (NEVER_PAST.has(last.rule)) {
    throw refused(`An advance goes not past this: ${last.reasons[0] ?? last.rule}`, 'Mend it, or abort.')
  }
  if (last.rule === 'operator-hold') {
    throw refused(
      `${state.experiment} was held by hand when it was last looked at: what else would hold it is not known.`,
      'Order it after the next look.',
    )
  }
}

function retry(
  experiment: Experiment,
  state: RolloutState,
  { by, reason }: Order,
  now: number,
): TransitionEvent {
  if (state.status !== 'aborted' && state.status !== 'stopped') {
    throw refused(
      `${state.experiment} is ${state.status}: only what was aborted or stopped is tried again.`,
      state.status === 'shipped' ? 'Test what comes next under a key of its own.' : 'Abort it first.',
    )
  }
  const left = coolDownLeft(experiment, state, now)
  if (left > 0) {
    const since = now - state.changedAt
    throw refused(
      `${state.experiment} was ${state.status} ${sayDuration(since)} ago, and the plan has it cool down for ${sayDuration(since + left)}.`,
      `Try again in ${sayDuration(left)}.`,
    )
  }
  const next = { now, phase: state.phase + 1, revision: state.revision + 1, before: state }
  const event = openPhase(experiment, state, startRollout(experiment, next), by)
  return { ...event, reason, to: { ...event.to, cause: reason } }
}

function refuseUnsigned({ key }: Experiment, order: Order): void {
  for (const field of ['by', 'reason'] as const) {
    if (typeof order[field] !== 'string' || order[field].trim() === '') {
      throw new ExperimentError(
        'invalid-argument',
        `An order to ${order.action} ${key} needs '${field}', and it is empty.`,
        'Say who orders it, and why: both stay in the journal.',
      )
    }
  }
}

function refuseForeign({ key, fingerprint }: Experiment, state: RolloutState): void {
  if (state.experiment === key && state.fingerprint === fingerprint) return
  throw new ExperimentError(
    'definition-changed',
    `${state.experiment} is ${state.status} under the definition ${state.fingerprint.slice(0, 12)}; the one in hand is ${fingerprint.slice(0, 12)}.`,
    'Order it under the definition in force, or abort it.',
  )
}

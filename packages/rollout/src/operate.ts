import { ExperimentError } from '@fairtrial/protocol'
import type { Decision, DecisionRule, Experiment, RolloutState, TransitionEvent } from '@fairtrial/protocol'
import { ABORTED, type Change, entering, eventOf } from './change.ts'
import { coolDownLeft } from './cool-down.ts'
import { stageOf } from './plan.ts'
import { isFinal, startRollout } from './start.ts'
import { openPhase } from './transition.ts'
import { sayDuration } from './words.ts'

/** What a person may order. */
export type OrderAction = 'abort' | 'hold' | 'resume' | 'advance' | 'approve' | 'retry'

/** An order, signed: who, and why. Both stay in the journal. */
export interface Order {
  readonly action: OrderAction
  readonly by: string
  readonly reason: string
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
 * - `approve` is one person's word that the present stage may be left: one word each, as many as the stage asks for.
 * - `retry` opens the next phase, with fresh evidence, under the definition in hand; from `aborted` and `stopped` only,
 *   and only once `ramp.coolDown` has passed.
 *
 * @param last what the last look has decided; null where there was none or it failed. Not given: nobody looks
 * @returns null when nothing is left to do: an abort of what is over, a hold by who holds it already
 * @throws ExperimentError `invalid-argument` without a name, a reason or a known action; `definition-changed` for the state of
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
      return isFinal(state) ? null : set(ABORTED)
    case 'hold':
      return holdBy(state, by, set)
    case 'resume':
      refuseOver(state, 'resume')
      if ((state.heldBy ?? null) === null) {
        throw refused(
          `Nobody holds ${state.experiment} by hand: it is ${state.status}. ${state.cause}`,
          'A hold for want of evidence ends with its reason.',
        )
      }
      return set(resuming(state, now))
    case 'advance':
      return set(advanceOf(experiment, state, now, last))
    case 'approve':
      return set({ ...approvalOf(experiment, state, order, now), cause: state.cause })
    case 'retry':
      return retry(experiment, state, order, now)
    default:
      throw new ExperimentError(
        'invalid-argument',
        `${JSON.stringify(action)} is no order.`,
        'Order abort, hold, resume, advance, approve or retry.',
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
    throw refused(`${holder} holds ${state.experiment} already: ${state.cause}`, 'Nothing more is to do.')
  }
  return set({ status: state.status === 'baking' ? 'baking' : 'holding', heldBy: by })
}

/** What was held for want of evidence is so again, with all of the longest hold before it, and cools down like any other. */
function resuming({ status, holdingSince }: RolloutState, now: number): Change {
  const isDoubted = holdingSince !== null
  return {
    heldBy: null,
    holdingSince: isDoubted ? now : null,
    ...(status !== 'baking' && { status: isDoubted ? 'holding' : 'running' }),
  }
}

function advanceOf(
  experiment: Experiment,
  state: RolloutState,
  now: number,
  last: Decision | null | undefined,
): Change {
  refuseOver(state, 'advance')
  const { stages } = experiment.ramp
  if (state.status === 'baking' || state.stage >= stages.length - 1) {
    throw refused(
      `${state.experiment} is on its last stage${state.status === 'baking' ? ' and bakes' : ''}.`,
      'What is better ships by the plan; abort or hold it by hand.',
    )
  }
  const holder = state.heldBy ?? null
  if (holder !== null) throw refused(`${holder} holds ${state.experiment}.`, 'Resume it first.')
  const asked = stageOf(experiment, state.stage).approvals ?? 0
  const given = state.approvals?.length ?? 0
  if (given < asked) {
    throw refused(
      `Stage ${state.stage + 1} asks for ${asked} approvals and has ${given}.`,
      'Have it approved first: nobody is asked to skip that.',
    )
  }
  if (last !== undefined) refuseUnseen(state, last)
  // A hold for want of evidence goes on: its end is not put off by an advance.
  return entering(experiment, state.stage + 1, now)
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

function approvalOf(experiment: Experiment, state: RolloutState, { by, reason }: Order, now: number): Change {
  refuseOver(state, 'approve')
  const asked = stageOf(experiment, state.stage).approvals ?? 0
  const approvals = state.approvals ?? []
  if (state.status === 'baking' || asked === 0) {
    const what = state.status === 'baking' ? 'A bake' : `Stage ${state.stage + 1}`
    throw refused(`${what} asks for no approval.`, 'Nothing is to do.')
  }
  if (approvals.some((approval) => personOf(approval.by) === personOf(by))) {
    throw refused(
      `${by} has approved stage ${state.stage + 1} already.`,
      `It asks for ${asked} people; have another one look at it.`,
    )
  }
  if (approvals.length >= asked) {
    throw refused(`Stage ${state.stage + 1} has its ${asked} approvals.`, 'Nothing is to do.')
  }
  return { approvals: [...approvals, { by, at: now, reason }] }
}

/** One person, however the name is spelled: letters that look alike to Unicode, their case, and what is not seen. */
function personOf(name: string): string {
  return name
    .normalize('NFKC')
    .replaceAll(/\p{Cf}/gu, '')
    .replaceAll(/\s+/gu, ' ')
    .trim()
    .toLowerCase()
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
  const next = { now, phase: state.phase + 1, revision: state.revision + 1 }
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

function refuseOver(state: RolloutState, action: OrderAction): void {
  if (!isFinal(state)) return
  throw refused(
    `Phase ${state.phase} of ${state.experiment} is over: it was ${state.status}. There is nothing to ${action}.`,
    state.status === 'shipped' ? 'Nothing is to do.' : 'Order a retry: it opens the next phase.',
  )
}

function refused(message: string, remedy: string): ExperimentError {
  return new ExperimentError('refused', message, remedy)
}

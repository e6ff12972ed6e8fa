import type { Experiment, RolloutState } from '@fairtrial/protocol'
import { isOver } from './rollout-words.ts'

/** What a person may order of a rollout. */
type OrderAction = 'abort' | 'hold' | 'resume' | 'advance' | 'approve' | 'retry'

/** Who asks, as the control plane knows them. */
export type Role = 'service' | 'viewer' | 'operator' | 'admin'

/** An order that the page offers: what it is called, what it will do, and why it may not be given. */
export interface Offer {
  readonly action: OrderAction
  readonly label: string
  /** What will happen, a sentence each. */
  readonly consequences: readonly string[]
  readonly isDangerous: boolean
  /** The revision that it is made for. */
  readonly seen: number
  /** Why this person may not; null where they may. */
  readonly refusedBecause: string | null
}

const NEEDS: Readonly<Record<OrderAction, 'operator' | 'admin'>> = {
  abort: 'operator',
  hold: 'operator',
  resume: 'operator',
  approve: 'operator',
  advance: 'admin',
  retry: 'admin',
}

/** The orders that make sense of a rollout as it stands. The control plane has the last word on each. */
export function offersOf(experiment: Experiment, state: RolloutState | null, role: Role): readonly Offer[] {
  if (state === null) return []
  return actionsOf(experiment, state).map((action) => ({
    action,
    label: LABELS[action],
    consequences:
      state.awaitsStart === true
        ? beforeStart(action, experiment, state)
        : consequencesOf(action, experiment, state),
    isDangerous: action === 'abort',
    seen: state.revision,
    refusedBecause: may(role, NEEDS[action])
      ? null
      : `${LABELS[action]} needs the role ${NEEDS[action]}; you are ${role}.`,
  }))
}

const LABELS: Readonly<Record<OrderAction, string>> = {
  abort: 'Abort',
  hold: 'Hold',
  resume: 'Resume',
  advance: 'Advance',
  approve: 'Approve',
  retry: 'Retry',
}

function actionsOf(experiment: Experiment, state: RolloutState): OrderAction[] {
  if (isOver(state.status)) return state.status === 'shipped' ? [] : ['retry']
  const isHeld = typeof state.heldBy === 'string'
  const actions: OrderAction[] = [isHeld ? 'resume' : 'hold']
  if (approvalsMissing(experiment, state) > 0 && state.status !== 'baking') actions.push('approve')
  const hasNext = state.awaitsStart === true || experiment.ramp.stages[state.stage + 1] !== undefined
  if (hasNext && (state.status === 'running' || state.status === 'holding')) actions.push('advance')
  return [...actions, 'abort']
}

/** How many people the stage asks for, or the start while it is awaited. */
export function approvalsAsked(
  { ramp }: Experiment,
  { stage, awaitsStart = false, gate }: RolloutState,
): number {
  if (!awaitsStart) return ramp.stages[stage]?.approvals ?? 0
  // What the phase was opened with stays asked for, whatever the plan says since.
  return Math.max(ramp.start?.approvals ?? 0, gate?.approvals ?? 0)
}

/** How many more. */
function approvalsMissing(experiment: Experiment, state: RolloutState): number {
  return approvalsAsked(experiment, state) - (state.approvals ?? []).length
}

function sayMissing(missing: number): string[] {
  if (missing <= 0) return []
  return [`Before that, ${missing === 1 ? '1 more person' : `${missing} more people`} must approve.`]
}

function may(role: Role, needed: 'operator' | 'admin'): boolean {
  return role === 'admin' || role === needed
}

function consequencesOf(action: OrderAction, experiment: Experiment, state: RolloutState): string[] {
  const treatments = experiment.variants.map(({ name }) => name).filter((name) => name !== experiment.control)
  const treated = treatments.join(' and ')
  const next = experiment.ramp.stages[state.stage + 1]
  const stage = experiment.ramp.stages[state.stage]
  switch (action) {
    case 'abort':
      return [
        `Everybody gets ${experiment.control} from now on; nobody gets ${treated}.`,
        experiment.whenStateLapses === 'keep-serving'
          ? 'Services withdraw it when they next read the state. This plan keeps serving where they cannot: there is no bound.'
          : 'Services withdraw it when they next read the state, and at the latest when their lease ends.',
        `Phase ${state.phase} is over for good. A retry opens another one, with fresh evidence.`,
      ]
    case 'hold':
      if (state.status === 'baking') {
        return [
          `Everybody keeps ${state.shippedVariant ?? treated}, but for the ${state.trafficPercent} % who stay in the trial: the bake does not end until somebody resumes.`,
          'Guardrails are watched on, and harm aborts all the same.',
        ]
      }
      return [
        `Traffic stays at ${state.trafficPercent} % of units: no stage is left and nothing is shipped until somebody resumes.`,
        'Guardrails are watched on, and harm aborts all the same.',
      ]
    case 'resume':
      return ['Your hold ends. What the evidence says decides again, from the next look on.']
    case 'advance': {
      return [
        ...sayMissing(approvalsMissing(experiment, state)),
        `Traffic goes from ${state.trafficPercent} % to ${next?.trafficPercent ?? state.trafficPercent} % of units now, whether or not stage ${state.stage + 1} has its time, its units and its proof.`,
        'Guardrails are watched on, and harm aborts.',
      ]
    }
    case 'approve': {
      const given = state.approvals?.length ?? 0
      return [
        `This is approval ${given + 1} of ${stage?.approvals ?? 1} that stage ${state.stage + 1} asks for.`,
        next === undefined
          ? 'With all of them, and everything else that the stage asks for, the plan decides.'
          : `With all of them, and everything else that the stage asks for, traffic goes to ${next.trafficPercent} % of units.`,
      ]
    }
    case 'retry':
      return [
        isGated(experiment)
          ? `Phase ${state.phase + 1} opens, and awaits its start as this one did; nothing of phase ${state.phase} counts in it.`
          : `Phase ${state.phase + 1} opens at ${experiment.ramp.stages[0]?.trafficPercent ?? 0} % of units, with fresh evidence: nothing of phase ${state.phase} counts in it.`,
        'It has its share of alpha, which is smaller than that of the phase before unless the plan says otherwise.',
      ]
  }
}

/** Whether a phase of this plan awaits anything before it starts. */
function isGated({ ramp: { start } }: Experiment): boolean {
  return start?.readiness === true || (start?.approvals ?? 0) > 0
}

/** What an order does to a phase that is open and enrols nobody. */
function beforeStart(action: OrderAction, experiment: Experiment, state: RolloutState): string[] {
  const { start, stages } = experiment.ramp
  const asksReport = start?.readiness === true || state.gate?.readiness === true
  const begins = `phase ${state.phase} starts with ${stages[0]?.trafficPercent ?? 0} % of units`
  switch (action) {
    case 'approve': {
      const given = state.approvals?.length ?? 0
      return [
        `This is approval ${given + 1} of ${approvalsAsked(experiment, state)} that the start asks for.`,
        `With all of them${asksReport ? ', and a readiness report,' : ''} ${begins}.`,
      ]
    }
    case 'advance':
      return [
        ...sayMissing(approvalsMissing(experiment, state)),
        `${capitalized(begins)} now, whether or not anybody has found it ready.`,
        'Guardrails are watched from then on, and harm aborts.',
      ]
    case 'hold':
      return ['Nobody is enrolled until somebody resumes, whatever is given and approved meanwhile.']
    case 'resume':
      return [`Your hold ends. When all is there that the plan asks for, ${begins}.`]
    default:
      return [`Phase ${state.phase} is over for good before anybody was enrolled. A retry opens another one.`]
  }
}

function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

import type { Experiment, RolloutState, TransitionEvent } from '@fairtrial/protocol'
import { stageOf } from './plan.ts'

/** What becomes different about a state. */
export type Change = Partial<RolloutState>

/** No hold, neither for want of evidence nor by hand. */
export const UNHELD: Change = { holdingSince: null, extendedAt: null, heldBy: null }

/** Over, and nobody is served a treatment. */
const ABORTED: Change = { status: 'aborted', trafficPercent: 0, shippedVariant: null, ...UNHELD }

/** Over, without anything to ship. */
export const STOPPED: Change = { ...ABORTED, status: 'stopped' }

/** What is found stands for good. */
export function shipping(variant: string): Change {
  return { status: 'shipped', trafficPercent: 0, shippedVariant: variant, ...UNHELD }
}

/** What is found is served to everybody but the holdback, and watched on. The time of the bake runs from now. */
export function bakingOf(variant: string, holdbackPercent: number, now: number): Change {
  const bake: Change = { status: 'baking', trafficPercent: holdbackPercent, shippedVariant: variant }
  return { ...bake, stageStartedAt: now, approvals: [], ...UNHELD }
}

/** The stage, from now on, with its traffic; nobody has approved it yet. */
export function entering(experiment: Experiment, stage: number, now: number): Change {
  const { trafficPercent } = stageOf(experiment, stage)
  return { stage, trafficPercent, stageStartedAt: now, approvals: [] }
}

/** The first stage of a phase that has awaited its start: all of its times run from now. */
export function starting(experiment: Experiment, now: number): Change {
  return { status: 'running', awaitsStart: false, startedAt: now, ...entering(experiment, 0, now) }
}

/** An abort; what was open for a start is no longer. */
export function aborting({ awaitsStart }: RolloutState): Change {
  return awaitsStart === true ? { ...ABORTED, awaitsStart: false } : ABORTED
}

/** The event that makes a change of a state: one revision on, and the cause is its reason, but where the change has its own. */
export function eventOf(
  from: RolloutState,
  change: Change,
  { at, by, reason, decision }: Pick<TransitionEvent, 'at' | 'by' | 'reason' | 'decision'>,
): TransitionEvent {
  const to = { ...from, cause: reason, ...change, revision: from.revision + 1, changedAt: at }
  return { schema: 'fairtrial.transition/1', experiment: from.experiment, at, by, from, to, decision, reason }
}

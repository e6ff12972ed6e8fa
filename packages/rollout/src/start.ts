import type { Experiment, OpenGate, RolloutState } from '@fairtrial/protocol'
import { stageOf } from './plan.ts'
import { openedGate, sayAsked } from './start-gate.ts'
import { sayList } from './words.ts'

/**
 * The first state of a phase: stage 0, running; or open and enrolling nobody, where the plan's `ramp.start` asks for
 * something.
 *
 * @param options.now epoch milliseconds
 * @param options.phase from 1; a later one begins with fresh evidence
 * @param options.revision one more than the state before it, over all phases; 1 for the first
 * @param options.before the state that the phase follows: what was found ready before that is no more
 */
export function startRollout(
  experiment: Experiment,
  options: {
    readonly now: number
    readonly phase?: number
    readonly revision?: number
    readonly before?: RolloutState | null
  },
): RolloutState {
  const { now, phase = 1, revision = 1, before = null } = options
  const { trafficPercent } = stageOf(experiment, 0)
  const gate = openedGate(experiment, before)
  const first = {
    schema: 'fairtrial.state/1',
    experiment: experiment.key,
    fingerprint: experiment.fingerprint,
    phase,
    revision,
    status: 'running',
    stage: 0,
    trafficPercent,
    shippedVariant: null,
    startedAt: now,
    stageStartedAt: now,
    changedAt: now,
    holdingSince: null,
    cause: `Phase ${phase} starts with ${trafficPercent} % of eligible units.`,
  } as const satisfies RolloutState
  if (gate === null) return first
  return {
    ...first,
    status: 'holding',
    trafficPercent: 0,
    approvals: [],
    awaitsStart: true,
    readiness: null,
    gate,
    cause: sayAwaited(phase, gate),
  }
}

/** What a phase that is open awaits, in a sentence. */
export function sayAwaited(phase: number, gate: OpenGate): string {
  return `Phase ${phase} is open and enrols nobody until there is ${sayList(sayAsked(gate), 'and')}.`
}

/** Whether the state is the last of its phase. Nothing but a new phase follows it. */
export function isFinal(state: RolloutState): boolean {
  return state.status === 'aborted' || state.status === 'shipped' || state.status === 'stopped'
}

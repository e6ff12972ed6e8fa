import type { Experiment, RolloutState } from '@fairtrial/protocol'
import { stageOf } from './plan.ts'

/**
 * The first state of a phase: stage 0, running.
 *
 * @param options.now epoch milliseconds
 * @param options.phase from 1; a later one begins with fresh evidence
 * @param options.revision one more than the state before it, over all phases; 1 for the first
 */
export function startRollout(
  experiment: Experiment,
  options: { readonly now: number; readonly phase?: number; readonly revision?: number },
): RolloutState {
  const { now, phase = 1, revision = 1 } = options
  const { trafficPercent } = stageOf(experiment, 0)
  return {
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
  }
}

/** Whether the state is the last of its phase. Nothing but a new phase follows it. */
export function isFinal(state: RolloutState): boolean {
  return state.status === 'aborted' || state.status === 'shipped' || state.status === 'stopped'
}

import type { Experiment, RolloutState } from '@fairtrial/protocol'
import { startRollout } from '@fairtrial/rollout'

/**
 * The state that a command reads a definition at when no rollout is running: its first phase, everybody
 * enrolled whom the last stage enrols, unless told otherwise.
 */
export function assumeState(
  experiment: Experiment,
  options: { now: number; trafficPercent?: number | undefined },
): RolloutState {
  const last = experiment.ramp.stages.length - 1
  const trafficPercent = options.trafficPercent ?? experiment.ramp.stages[last]?.trafficPercent ?? 100
  return { ...startRollout(experiment, { now: options.now }), stage: last, trafficPercent }
}

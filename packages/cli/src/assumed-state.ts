import type { Experiment, RolloutState } from '@fairtrial/protocol'
import { startRollout, ungated } from '@fairtrial/rollout'

/**
 * The state that a command reads a definition at when no rollout is running: started, everybody enrolled whom the last
 * stage enrols, unless told otherwise.
 *
 * @param options.now epoch milliseconds: when the phase began
 * @param options.phase default 1
 */
export function assumeState(
  experiment: Experiment,
  options: { now: number; phase?: number; trafficPercent?: number | undefined },
): RolloutState {
  const last = experiment.ramp.stages.length - 1
  const trafficPercent = options.trafficPercent ?? experiment.ramp.stages[last]?.trafficPercent ?? 100
  return { ...startRollout(ungated(experiment), options), stage: last, trafficPercent }
}

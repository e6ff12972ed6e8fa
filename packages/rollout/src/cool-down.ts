import { durationMs, type Experiment, type RolloutState } from '@fairtrial/protocol'

/** How long the plan has a rollout rest that was taken back, before it may be tried again; 0 where nothing is left of it. */
export function coolDownLeft({ ramp }: Experiment, { status, changedAt }: RolloutState, now: number): number {
  if (ramp.coolDown === undefined || (status !== 'aborted' && status !== 'stopped')) return 0
  return Math.max(0, durationMs(ramp.coolDown) - (now - changedAt))
}

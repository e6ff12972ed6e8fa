import { type Experiment, ExperimentError } from '@fairtrial/protocol'

/**
 * Refuses plans that would enrol a unit before anybody has said that they are ready.
 *
 * @throws ExperimentError `invalid-definition`
 */
export function refuseUngated(experiments: readonly Experiment[]): void {
  const keys = experiments.filter(({ ramp }) => ramp.start?.readiness !== true).map(({ key }) => key)
  if (keys.length === 0) return
  throw new ExperimentError(
    'invalid-definition',
    `${keys.join(', ')}: the plan asks for no readiness report, and --require-readiness has no plan start without one.`,
    'Set ramp.start.readiness to true: the edit is safe, and changes no fingerprint. `fairtrial ready` makes the report.',
  )
}

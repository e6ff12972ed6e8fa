import { assign, loadExperiment } from '@fairtrial/assignment'
import { defineExperiment, type LogEvent, type RolloutState } from '@fairtrial/protocol'
import { NOW } from './terminal.ts'
import { trial } from './trial.ts'

const experiment = defineExperiment(trial as never)

/** So many viewers of the trial, an exposure and an outcome each, by one producer. */
export function viewers(from: number, to: number): LogEvent[] {
  const state = { status: 'running', trafficPercent: 100, fingerprint: experiment.fingerprint }
  const loaded = loadExperiment(experiment, {
    ...state,
    experiment: trial.key,
    phase: 1,
    revision: 1,
  } as RolloutState)
  return Array.from({ length: to - from }, (_, i): LogEvent[] => {
    const unitId = `viewer-${from + i}`
    const {
      config: _config,
      treatmentVersion: _none,
      ...arm
    } = assign(loaded, { unitType: 'viewer', unitId })
    const sequence = 2 * (from + i) + 1
    const at = NOW - 7_200_000 + from + i
    const produced = { producerId: 'test', sdk: 'test/1' }
    const exposure = { ...arm, ...produced, sequence, exposureId: `e${from + i}`, exposedAt: at }
    const unit = { unitType: 'viewer', unitId, ...produced, sequence: sequence + 1 }
    const outcome = { ...unit, name: 'watched', outcomeId: `o${from + i}`, value: i % 13, occurredAt: at + 5 }
    return [
      { schema: 'fairtrial.exposure/1', ...exposure } as LogEvent,
      { schema: 'fairtrial.outcome/1', ...outcome },
    ]
  }).flat()
}

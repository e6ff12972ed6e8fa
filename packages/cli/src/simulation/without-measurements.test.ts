import { defineExperiment, type ExperimentDefinition } from '@fairtrial/protocol'
import { expect, it } from 'vitest'
import { trial } from '../../test/trial.ts'
import { withoutMeasurements } from './without-measurements.ts'

it('a plan is simulated without what a service measures, and by its other guardrails', () => {
  const plain = defineExperiment(trial as ExperimentDefinition)
  const latency = { type: 'mean', source: 'measurements', role: 'guardrail', direction: 'decrease' } as const
  const measured = defineExperiment({
    ...trial,
    metrics: { ...trial.metrics, latency },
    guardrails: [{ metric: 'latency', margin: { relative: 0.1 }, action: 'abort' }, ...trial.guardrails],
  } as ExperimentDefinition)
  const experiment = withoutMeasurements(measured)
  expect(experiment.metrics).toEqual(plain.metrics)
  expect(experiment.guardrails).toEqual(plain.guardrails)
  expect(withoutMeasurements(plain)).toEqual(plain)
})

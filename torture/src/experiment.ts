import { loadExperiment } from '@fairtrial/assignment'
import { defineExperiment, type RolloutState } from '@fairtrial/protocol'

/** The trial whose exposures are made to suffer: everybody is in it. */
export const experiment = defineExperiment({
  key: 'torture',
  hypothesis: {
    change: 'brokers, producers and consumers are killed',
    population: 'everybody',
    metric: 'started',
    direction: 'increase',
    minimumLift: { relative: 0.1 },
    horizon: '1d',
  },
  unitType: 'viewer',
  variants: [
    { name: 'control', weight: 1 },
    { name: 'treatment', weight: 1 },
  ],
  control: 'control',
  metrics: { started: { type: 'proportion', role: 'primary', direction: 'increase', window: '1h' } },
  analysis: { method: 'asymptotic-cs', tuneAt: 10_000 },
  ramp: { stages: [{ trafficPercent: 100, holdFor: '1h', minimumUnits: 100 }] },
})

const state: RolloutState = {
  schema: 'fairtrial.state/1',
  experiment: experiment.key,
  fingerprint: experiment.fingerprint,
  phase: 1,
  revision: 1,
  status: 'running',
  stage: 0,
  trafficPercent: 100,
  shippedVariant: null,
  startedAt: 0,
  stageStartedAt: 0,
  changedAt: 0,
  holdingSince: null,
  cause: 'It is a test.',
}

export const loaded = loadExperiment(experiment, state)

import { loadExperiment } from '@fairtrial/assignment'
import { defineExperiment, type Experiment, type ExperimentDefinition } from '@fairtrial/protocol'
import { startRollout } from '@fairtrial/rollout'

const PLAN = {
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
} as const satisfies ExperimentDefinition

/** The plainest plan, but for what is given. */
export function trialOf(changes: Partial<ExperimentDefinition>): Experiment {
  return defineExperiment({ ...PLAN, ...changes })
}

/** The trial whose exposures are made to suffer: everybody is in it. */
export const experiment = trialOf({})

export const loaded = loadExperiment(experiment, startRollout(experiment, { now: 0 }))

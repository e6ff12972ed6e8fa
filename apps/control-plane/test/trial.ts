import { defineExperiment, type ExperimentDefinition } from '@fairtrial/protocol'

/** A small trial, as the control plane is given it. */
export const definition = {
  key: 'home-row',
  hypothesis: {
    change: 'another model',
    population: 'all viewers',
    metric: 'started',
    direction: 'increase',
    minimumLift: { absolute: 0.02 },
    horizon: '14d',
  },
  unitType: 'viewer',
  variants: [
    { name: 'old', weight: 1, config: {} },
    { name: 'new', weight: 1, config: {} },
  ],
  control: 'old',
  metrics: { started: { type: 'proportion', role: 'primary', direction: 'increase', window: '1h' } },
  guardrails: [],
  analysis: { method: 'asymptotic-cs', tuneAt: 1000 },
  ramp: { stages: [{ trafficPercent: 50, holdFor: '1h', minimumUnits: 100 }] },
} as const satisfies ExperimentDefinition

export const experiment = defineExperiment(definition)

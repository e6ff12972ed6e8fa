import { defineExperiment, type Experiment, type ExperimentDefinition } from '@fairtrial/protocol'

/** The trial that is timed: two arms, half each, one metric. `part` is what a benchmark has otherwise. */
export function homeRow(part: Partial<ExperimentDefinition> = {}): Experiment {
  return defineExperiment({
    key: 'home-row',
    hypothesis: {
      change: 'ranking the home row by the session model',
      population: 'viewers',
      metric: 'started',
      direction: 'increase',
      minimumLift: { relative: 0.02 },
      horizon: '14d',
    },
    unitType: 'viewer',
    variants: [
      { name: 'control', weight: 1 },
      { name: 'model', weight: 1 },
    ],
    control: 'control',
    metrics: { started: { type: 'proportion', role: 'primary', direction: 'increase', window: '30s' } },
    analysis: { method: 'asymptotic-cs', tuneAt: 10_000 },
    ramp: { stages: [{ trafficPercent: 100, holdFor: '1h', minimumUnits: 100 }] },
    ...part,
  })
}

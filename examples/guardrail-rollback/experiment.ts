import { defineExperiment } from '@fairtrial/protocol'

export const newPlayer = defineExperiment({
  key: 'new-player',
  hypothesis: {
    change: 'replacing the video player',
    population: 'all viewers',
    metric: 'finished',
    direction: 'increase',
    minimumLift: { relative: 0.02 },
    horizon: '14d',
  },
  unitType: 'viewer',
  variants: [
    { name: 'old', weight: 1 },
    { name: 'new', weight: 1 },
  ],
  control: 'old',
  metrics: {
    finished: {
      type: 'proportion',
      role: 'primary',
      direction: 'increase',
      window: '1d',
      baseline: { mean: 0.6, variance: 0.24 },
    },
    started: {
      type: 'proportion',
      role: 'guardrail',
      direction: 'increase',
      window: '1m',
      baseline: { mean: 0.95, variance: 0.0475 },
    },
  },
  guardrails: [
    {
      metric: 'started',
      margin: { absolute: 0.02 }, // two starts in a hundred are tolerated
      action: 'abort',
      evidence: { minimumUnits: 100, maximumDataAge: '10m', maximumHold: '6h' },
      hardLimit: { worst: 0.5, minimumUnits: 20 }, // a catastrophe does not wait for statistics
    },
  ],
  analysis: { method: 'asymptotic-cs', tuneAt: 20_000 },
  ramp: {
    stages: [
      { trafficPercent: 5, holdFor: '1h', minimumUnits: 5_000 },
      { trafficPercent: 50, holdFor: '6h', minimumUnits: 20_000 },
      { trafficPercent: 100, holdFor: '7d', minimumUnits: 50_000 },
    ],
  },
})

import type { ExperimentDefinition } from '../src/experiment.ts'

/** The trial that the tests of this room take apart. */
export const homeRanking = {
  key: 'home-ranking',
  description: 'A model that looks at the running session.',
  hypothesis: {
    change: 'ranking the home row by the session model',
    population: 'signed-in viewers on television',
    metric: 'start-rate',
    direction: 'increase',
    minimumLift: { relative: 0.02 },
    horizon: '28d',
  },
  unitType: 'viewer',
  variants: [
    { name: 'control', weight: 1, config: { model: 'popularity', rows: 6 } },
    {
      name: 'session-model',
      weight: 1,
      config: { model: 'session', rows: 6 },
      treatmentVersion: '2026-03-01',
    },
  ],
  control: 'control',
  metrics: {
    'start-rate': {
      type: 'proportion',
      role: 'primary',
      direction: 'increase',
      window: '1h',
      baseline: { mean: 0.42, variance: 0.2436, units: 180_000, window: '28d', source: 'starts.sql@9f2c' },
    },
    'watch-time': { type: 'mean', role: 'secondary', direction: 'increase', window: '7d', unit: 'seconds' },
    latency: {
      type: 'mean',
      role: 'guardrail',
      direction: 'decrease',
      window: '10m',
      aggregate: 'mean',
      unit: 'milliseconds',
    },
  },
  guardrails: [
    {
      metric: 'start-rate',
      margin: { relative: 0.02 },
      action: 'abort',
      evidence: { minimumUnits: 200 },
      hardLimit: { worst: 0.2 },
    },
    { metric: 'latency', margin: { absolute: 25 }, action: 'hold' },
  ],
  analysis: { method: 'asymptotic-cs', tuneAt: 20_000 },
  ramp: {
    stages: [
      { trafficPercent: 5, holdFor: '2h', minimumUnits: 1_000 },
      { trafficPercent: 50, holdFor: '24h', minimumUnits: 10_000 },
    ],
  },
} as const satisfies ExperimentDefinition

import { defineExperiment } from '@fairtrial/protocol'

const share = (mean: number) =>
  ({ type: 'proportion', window: '1m', baseline: { mean, variance: mean * (1 - mean) } }) as const

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
    finished: { ...share(0.5), role: 'primary', direction: 'increase' },
    started: { ...share(0.95), role: 'guardrail', direction: 'increase' },
    stalled: { ...share(0.05), role: 'guardrail', direction: 'decrease' },
    complained: { ...share(0.02), role: 'guardrail', direction: 'decrease' },
  },
  guardrails: [
    {
      metric: 'started',
      class: 'critical', // aborts; a catastrophe does not wait for statistics
      margin: { absolute: 0.05 }, // five starts in a hundred are tolerated
      hardLimit: { worst: 0.8, minimumUnits: 50, within: '5m', confirm: { breaches: 2, of: 3 } },
    },
    {
      metric: 'stalled',
      class: 'guardrail', // aborts when it is proven worse
      margin: { absolute: 0.05 },
      hardLimit: { worst: 0.4 },
      evidence: { minimumUnits: 200, maximumHold: '6h' }, // missing, it holds, then aborts
    },
    // A signal holds the ramp, for somebody to look.
    { metric: 'complained', class: 'signal', margin: { absolute: 0.05 }, evidence: { minimumUnits: 500 } },
  ],
  checks: { 'sample-ratio': 'abort' }, // such a trial can only be started anew
  analysis: { method: 'asymptotic-cs', tuneAt: 5_000 },
  ramp: {
    stages: [
      { trafficPercent: 20, holdFor: '5m', minimumUnits: 1_000 },
      { trafficPercent: 50, holdFor: '5m', minimumUnits: 3_000, approvals: 1 }, // the last gate is a person
      { trafficPercent: 100, holdFor: '5m', minimumUnits: 8_000 },
    ],
    bake: { for: '2h', holdbackPercent: 20 }, // shipped, and watched against those who are held back
    coolDown: '2m',
    unprovenUnits: 10_000, // so many may meet what is not proven harmless
  },
})

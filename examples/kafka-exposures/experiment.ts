import { defineExperiment } from '@fairtrial/protocol'

export const readingList = defineExperiment({
  key: 'reading-list',
  hypothesis: {
    change: 'putting the longest article first',
    population: 'all readers',
    metric: 'opened',
    direction: 'increase',
    minimumLift: { relative: 0.05 },
    horizon: '14d',
  },
  unitType: 'reader',
  variants: [
    { name: 'newest', weight: 1, config: { order: 'newest' } },
    { name: 'longest', weight: 1, config: { order: 'longest' } },
  ],
  control: 'newest',
  metrics: {
    opened: { type: 'proportion', role: 'primary', direction: 'increase', window: '1d' },
  },
  analysis: { method: 'asymptotic-cs', tuneAt: 20_000 },
  ramp: { stages: [{ trafficPercent: 100, holdFor: '1d', minimumUnits: 1000 }] },
})

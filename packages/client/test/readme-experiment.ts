import { defineExperiment } from '@fairtrial/protocol'

export const autoplay = defineExperiment({
  key: 'autoplay',
  hypothesis: {
    change: 'starting the next episode after 5 s instead of 30 s',
    population: 'all viewers',
    metric: 'watched',
    direction: 'increase',
    minimumLift: { relative: 0.02 },
    horizon: '14d',
  },
  unitType: 'viewer',
  variants: [
    { name: 'control', weight: 1, config: { delaySeconds: 30 } },
    { name: 'treatment', weight: 1, config: { delaySeconds: 5 } },
  ],
  control: 'control',
  metrics: { watched: { type: 'proportion', role: 'primary', direction: 'increase', window: '1h' } },
  analysis: { method: 'asymptotic-cs', tuneAt: 10_000 },
  ramp: { stages: [{ trafficPercent: 100, holdFor: '1h', minimumUnits: 100 }] },
})

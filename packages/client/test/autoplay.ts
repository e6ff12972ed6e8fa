import { defineExperiment } from '@fairtrial/protocol'

export const definition = {
  key: 'autoplay',
  hypothesis: {
    change: 'starting the next episode by itself',
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
} as const

/** The trial of these tests: two arms of equal size. */
export const autoplay = defineExperiment(definition)

/** The same, but it keeps serving when its lease lapses. */
export const autoplayForEver = defineExperiment({
  ...definition,
  key: 'autoplay-for-ever',
  whenStateLapses: 'keep-serving',
})

export const viewer = (unitId: string) => ({ unitType: 'viewer', unitId })

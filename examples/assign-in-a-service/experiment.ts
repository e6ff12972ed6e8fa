import { defineExperiment } from '@fairtrial/protocol'

export const checkoutButton = defineExperiment({
  key: 'checkout-button',
  hypothesis: {
    change: 'saying "Buy now" instead of "Continue"',
    population: 'signed-in shoppers',
    metric: 'purchase',
    direction: 'increase',
    minimumLift: { relative: 0.02 },
    horizon: '14d',
  },
  unitType: 'shopper',
  variants: [
    { name: 'control', weight: 1, config: { label: 'Continue' } },
    { name: 'buy-now', weight: 1, config: { label: 'Buy now' } },
  ],
  control: 'control',
  eligibility: { attribute: 'country', in: ['DE', 'FR'] },
  metrics: {
    purchase: { type: 'proportion', role: 'primary', direction: 'increase', window: '1d' },
  },
  analysis: { method: 'asymptotic-cs', tuneAt: 20_000 },
  ramp: { stages: [{ trafficPercent: 100, holdFor: '1d', minimumUnits: 1000 }] },
})

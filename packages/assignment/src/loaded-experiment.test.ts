import { expect, it } from 'vitest'
import { experimentOf, stateOf } from '../test/experiment.ts'
import { loadExperiment } from './index.ts'

it('lays out the arms, frozen', () => {
  const experiment = experimentOf({
    variants: [
      { name: 'control', weight: 3 },
      { name: 'treatment', weight: 1, config: { model: 'session' }, treatmentVersion: 'm-7' },
    ],
  })
  const { arms } = loadExperiment(experiment, stateOf(experiment))
  expect(arms).toMatchObject([
    { variant: 'control', config: {}, propensity: 0.75, treatmentVersion: null, from: 0, below: 750_000 },
    { variant: 'treatment', config: { model: 'session' }, propensity: 0.25, from: 750_000, below: 1_000_000 },
  ])
  expect(arms.every(Object.isFrozen)).toBe(true)
})

it.each([
  [{ status: 'shipped', shippedVariant: 'gone' }, /"gone".*control, treatment/],
  [{ status: 'shipped', shippedVariant: null }, /null.*control, treatment/],
  [{ trafficPercent: Number.NaN }, /trafficPercent is NaN/],
  [{ trafficPercent: 100.1 }, /trafficPercent is 100.1/],
  [{ trafficPercent: -1 }, /trafficPercent is -1/],
] as const)('refuses a state that cannot be: %o', (part, message) => {
  const experiment = experimentOf()
  expect(() => loadExperiment(experiment, stateOf(experiment, part))).toThrow(
    expect.objectContaining({ code: 'invalid-state', message: expect.stringMatching(message) }),
  )
})

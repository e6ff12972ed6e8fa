import { normalQuantile } from '@fairtrial/statistics'
import { describe, expect, it } from 'vitest'
import { groupSequentialBoundaries } from './boundaries.ts'
import { driftForPower, inflationFactor } from './drift.ts'
import { exitProbabilities } from './exit-probabilities.ts'
import type { SpendingFunction } from './spending.ts'

const equally = (looks: number) => Array.from({ length: looks }, (_, i) => (i + 1) / looks)

it.each([
  [1, 0.05],
  [5, 0.1417],
  [10, 0.1934],
  [14, 0.2196],
  [20, 0.2479],
  [28, 0.2747],
  [60, 0.3346],
])('a fixed test at each of %d looks calls %d of trials without an effect', (looks, share) => {
  const upper = Array.from({ length: looks }, () => -normalQuantile(0.025))
  const bounds = { informationFractions: equally(looks), upper, lower: upper.map((bound) => -bound) }
  const exits = exitProbabilities(bounds, 0)
  const called = [...exits.upper, ...exits.lower].reduce((sum, each) => sum + each, 0)
  expect(called).toBeCloseTo(share, 4)
})

describe('the price of 14 looks at 80 % power, in sample sizes of a fixed test', () => {
  it.each<[SpendingFunction, number, number]>([
    [{ type: 'lan-demets-obrien-fleming' }, 1.042, 0.786],
    [{ type: 'hwang-shih-decani', gamma: -4 }, 1.039, 0.775],
    [{ type: 'kim-demets', power: 2 }, 1.087, 0.755],
    [{ type: 'lan-demets-pocock' }, 1.258, 0.776],
  ])('%j: at most %d, on average %d', (rule, most, mean) => {
    const design = { informationFractions: equally(14), rule, sides: 2, alpha: 0.05 } as const
    const boundaries = groupSequentialBoundaries(design)
    const inflation = inflationFactor(boundaries, 0.8)
    const { power, expectedInformation } = exitProbabilities(boundaries, driftForPower(boundaries, 0.8))
    expect(power).toBeCloseTo(0.8, 10)
    expect(inflation).toBeCloseTo(most, 3)
    expect(inflation * expectedInformation).toBeCloseTo(mean, 3)
  })
})

it('one look has the drift of a fixed test', () => {
  const upper = [-normalQuantile(0.025)]
  const drift = driftForPower({ informationFractions: [1], upper }, 0.9)
  expect(drift).toBeCloseTo(normalQuantile(0.9) - normalQuantile(0.025), 10)
})

it('is mirrored with the drift', () => {
  const design = { informationFractions: [0.2, 0.5, 1], sides: 2, alpha: 0.05 } as const
  const boundaries = groupSequentialBoundaries({ ...design, rule: { type: 'pocock' } })
  const forward = exitProbabilities(boundaries, 1.3)
  const backward = exitProbabilities(boundaries, -1.3)
  for (const [i, each] of forward.upper.entries()) expect(backward.lower[i]).toBeCloseTo(each, 13)
})

it('at a drift that leaves no path the trial ends at its first look', () => {
  const { upper, power, expectedInformation } = exitProbabilities(
    { informationFractions: [0.5, 1], upper: [2, 2] },
    60,
  )
  expect(upper).toEqual([1, 0])
  expect(power).toBe(1)
  expect(expectedInformation).toBe(0.5)
})

it('refuses, with field, value and remedy', () => {
  const informationFractions = [0.5, 1]
  const bad =
    (bounds: object, drift = 0) =>
    () =>
      exitProbabilities({ informationFractions, upper: [3, 2], ...bounds }, drift)
  expect(bad({ upper: [3] })).toThrow(/upper has 1 bounds for 2 looks: give one to each/)
  expect(bad({ upper: [3, Number.NaN] })).toThrow(/upper\[1\] is NaN: give a finite z/)
  expect(bad({ lower: [Number.NaN, 0] })).toThrow(/lower\[0\] is NaN/)
  expect(bad({ lower: [3.5, 0] })).toThrow(/lower\[0\] is 3.5, above upper\[0\], 3: swap them/)
  expect(bad({ informationFractions: [1, 0.5] })).toThrow(/sort them/)
  expect(bad({}, Number.NaN)).toThrow(/drift is NaN: give/)
  expect(() => driftForPower({ informationFractions, upper: [3, 2] }, 1)).toThrow(/power is 1: give/)
  expect(() => driftForPower({ informationFractions, upper: [null, null] }, 0.8)).toThrow(
    /upper has no bound/,
  )
})

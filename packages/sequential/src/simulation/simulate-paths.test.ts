import { expect, it } from 'vitest'
import {
  driftForPower,
  exitProbabilities,
  futilityBoundaries,
  groupSequentialBoundaries,
  simulatePaths,
} from '../index.ts'

const PATHS = 100_000
/** Four standard errors: some hundred shares are compared. */
const REACH = 4

const daily = groupSequentialBoundaries({
  informationFractions: Array.from({ length: 14 }, (_, i) => (i + 1) / 14),
  rule: { type: 'hwang-shih-decani', gamma: -4 },
  sides: 2,
  alpha: 0.05,
})
const futile = futilityBoundaries({
  informationFractions: [0.17, 0.39, 0.44, 0.8, 1],
  alphaSpending: { type: 'lan-demets-pocock' },
  betaSpending: { type: 'hwang-shih-decani', gamma: -2 },
  alpha: 0.05,
  beta: 0.2,
})

it.each([
  ['14 looks without an effect', daily, 0],
  ['14 looks with one', daily, driftForPower(daily, 0.8)],
  ['uneven looks that stop for futility', futile, futile.drift],
  ['a trial that ran over', { informationFractions: [0.5, 1.3], upper: [null, 2], lower: [-1, null] }, -0.7],
])('%s end where the recursion says, as often, within Monte-Carlo error', (_, bounds, drift) => {
  const simulated = simulatePaths(bounds, { paths: PATHS, seed: 1, drift })
  const exact = exitProbabilities(bounds, drift)
  const { standardErrors } = simulated
  for (const side of ['upper', 'lower'] as const) {
    for (const [look, share] of exact[side].entries()) {
      const error = Math.sqrt((share * (1 - share)) / PATHS)
      expect(Math.abs(simulated[side][look]! - share)).toBeLessThanOrEqual(REACH * error + 3 / PATHS)
      expect(standardErrors[side][look]! - error).toBeLessThan(0.1 * error + 2 / PATHS)
    }
  }
  expect(Math.abs(simulated.power - exact.power)).toBeLessThanOrEqual(REACH * standardErrors.power)
  const off = Math.abs(simulated.expectedInformation - exact.expectedInformation)
  expect(off).toBeLessThanOrEqual(REACH * standardErrors.expectedInformation)
})

it('counts the looks that it took', () => {
  const bounds = { informationFractions: [0.5, 1], upper: [-9, 9] }
  expect(simulatePaths(bounds, { paths: 10, seed: 1 })).toMatchObject({
    looks: 10,
    paths: 10,
    power: 1,
    expectedInformation: 0.5,
  })
  expect(simulatePaths({ ...bounds, upper: [9, 9] }, { paths: 10, seed: 1 }).looks).toBe(20)
})

it('repeats itself for a seed, and not for another', () => {
  const { power } = simulatePaths(daily, { paths: 1_000, seed: 1 })
  expect(simulatePaths(daily, { paths: 1_000, seed: 1 }).power).toBe(power)
  expect(simulatePaths(daily, { paths: 1_000, seed: 2 }).power).not.toBe(power)
})

it('refuses, with field, value and remedy', () => {
  expect(() => simulatePaths(daily, { paths: 0, seed: 1 })).toThrow(/paths is 0: give a whole number above 0/)
  expect(() => simulatePaths(daily, { paths: 1, seed: 0.1 })).toThrow(/seed is 0.1/)
  expect(() => simulatePaths(daily, { paths: 1, seed: 1, drift: Number.NaN })).toThrow(/drift is NaN/)
  expect(() => simulatePaths({ ...daily, upper: [1] }, { paths: 1, seed: 1 })).toThrow(/upper has 1 bounds/)
})

import { describe, expect, it } from 'vitest'
import { groupSequentialBoundaries } from './boundaries.ts'
import { exitProbabilities } from './exit-probabilities.ts'
import { futilityBoundaries, type FutilityDesign } from './futility.ts'
import type { SpendingFunction } from './spending.ts'

const late: SpendingFunction = { type: 'hwang-shih-decani', gamma: -4 }
const design: FutilityDesign = {
  informationFractions: [0.3, 0.55, 0.8, 1],
  alphaSpending: { type: 'lan-demets-obrien-fleming' },
  betaSpending: { type: 'hwang-shih-decani', gamma: -2 },
  alpha: 0.025,
  beta: 0.1,
}
const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0)

describe.each([true, false])('with bounds that are binding: %s', (isBinding) => {
  const boundaries = futilityBoundaries({ ...design, isBinding })

  it('every trial crosses one of two bounds that meet at the end', () => {
    const { upper, lower } = exitProbabilities(boundaries, 0.7)
    expect(boundaries.lower.at(-1)).toBe(boundaries.upper.at(-1))
    expect(sum(upper) + sum(lower)).toBeCloseTo(1, 12)
  })

  it('the drift has the power, and beta is spent as planned at each look', () => {
    const { power, lower } = exitProbabilities(boundaries, boundaries.drift)
    expect(power).toBeCloseTo(0.9, 9)
    const early = (0.1 * Math.expm1(2 * 0.3)) / Math.expm1(2)
    expect(lower[0]).toBeCloseTo(early, 11)
  })

  it('looks as planned have the same bounds when the drift is given', () => {
    const again = futilityBoundaries({ ...design, isBinding, drift: boundaries.drift })
    for (const [i, bound] of boundaries.lower.entries()) expect(again.lower[i]).toBeCloseTo(bound!, 9)
    expect(again.inflation).toBe(boundaries.inflation)
  })
})

it('binding: alpha is spent by those who heed the bounds', () => {
  const binding = futilityBoundaries({ ...design, isBinding: true })
  expect(exitProbabilities(binding, 0).power).toBeCloseTo(0.025, 10)
  expect(binding.cumulativeAlpha.at(-1)).toBeCloseTo(0.025, 10)
  const { informationFractions, upper } = binding
  expect(exitProbabilities({ informationFractions, upper }, 0).power).toBeGreaterThan(0.0255)
})

it('not binding: alpha is kept also by those who do not, with the bounds of a design without futility', () => {
  const { upper, cumulativeAlpha, lower } = futilityBoundaries(design)
  const { informationFractions, alpha, alphaSpending: rule } = design
  const plain = groupSequentialBoundaries({ informationFractions, alpha, sides: 1, rule })
  expect(upper).toEqual(plain.upper)
  expect(cumulativeAlpha.at(-1)).toBeCloseTo(0.025, 12)
  expect(exitProbabilities({ informationFractions, upper, lower }, 0).power).toBeLessThan(0.024)
})

it('a look out of plan keeps the drift, and the bounds before it', () => {
  const planned = futilityBoundaries(design)
  const { drift } = planned
  const informationFractions = [0.3, 0.55, 0.7]
  const running = futilityBoundaries({ ...design, informationFractions, drift })
  for (const i of [0, 1]) expect(running.lower[i]).toBeCloseTo(planned.lower[i]!, 9)
  expect(running.lower[2]).toBeLessThan(running.upper[2]!)
  const over = futilityBoundaries({ ...design, informationFractions, drift, isFinal: true })
  expect(over.lower[2]).toBe(over.upper[2])
  expect(over.cumulativeAlpha[2]).toBeCloseTo(0.025, 12)
})

it('a drift beyond what beta needs does not let the bounds pass each other', () => {
  const { upper, lower } = futilityBoundaries({ ...design, drift: 9 })
  for (const [i, bound] of lower.entries()) expect(bound).toBeLessThanOrEqual(upper[i]!)
})

describe('refuses, with field, value and remedy', () => {
  it.each<[Partial<FutilityDesign>, RegExp]>([
    [{ beta: 0 }, /beta is 0: give a probability/],
    [{ beta: Number.NaN }, /beta is NaN/],
    [{ alpha: Number.NaN }, /alpha is NaN/],
    [{ drift: Number.NaN }, /drift is NaN: give/],
    [{ informationFractions: [] }, /informationFractions is empty/],
    [{ informationFractions: [0.6, 0.5, 1] }, /sort them/],
    [{ betaSpending: { type: 'kim-demets', power: 0 } }, /power is 0/],
    [
      { betaSpending: { type: 'given', fractions: [0.5, 1], shares: [1, 1] }, alphaSpending: late },
      /spent before the last of 4 looks: choose a betaSpending that spends later/,
    ],
  ])('%j', (change, message) => {
    expect(() => futilityBoundaries({ ...design, ...change })).toThrow(message)
  })
})

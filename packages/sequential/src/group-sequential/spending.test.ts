import { describe, expect, it } from 'vitest'
import { type SpendingFunction, spentError } from './spending.ts'

const functions: SpendingFunction[] = [
  { type: 'lan-demets-obrien-fleming' },
  { type: 'lan-demets-pocock' },
  { type: 'kim-demets', power: 2 },
  { type: 'hwang-shih-decani', gamma: -4 },
  { type: 'hwang-shih-decani', gamma: 0 },
  { type: 'hwang-shih-decani', gamma: 3 },
  { type: 'given', fractions: [0.3, 0.6, 1], shares: [0, 0.4, 1] },
]

describe.each(functions)('$type spends', (spending) => {
  it('nothing at 0, all at 1 and beyond, and never takes back', () => {
    expect(spentError(spending, 0.025, 0)).toBe(0)
    expect(spentError(spending, 0.025, 1)).toBe(0.025)
    expect(spentError(spending, 0.025, 1.2)).toBe(0.025)
    for (let before = 0; before < 1; before += 0.01) {
      const step = spentError(spending, 0.025, before + 0.01) - spentError(spending, 0.025, before)
      expect(step).toBeGreaterThanOrEqual(0)
    }
  })
})

it('Hwang-Shih-DeCani goes over into a straight line at gamma 0', () => {
  const near = spentError({ type: 'hwang-shih-decani', gamma: 1e-9 }, 0.05, 0.3)
  expect(near).toBeCloseTo(spentError({ type: 'hwang-shih-decani', gamma: 0 }, 0.05, 0.3), 10)
})

it('a plan of one’s own has an answer between its looks', () => {
  const spending: SpendingFunction = { type: 'given', fractions: [0.5, 1], shares: [0.2, 1] }
  expect(spentError(spending, 0.05, 0.25)).toBeCloseTo(0.005, 15)
  expect(spentError(spending, 0.05, 0.75)).toBeCloseTo(0.03, 15)
})

it.each<[SpendingFunction, number, number, RegExp]>([
  [{ type: 'kim-demets', power: 0 }, 0.05, 0.5, /power is 0: give a number above 0/],
  [{ type: 'kim-demets', power: Number.NaN }, 0.05, 0.5, /power is NaN/],
  [{ type: 'hwang-shih-decani', gamma: Number.NaN }, 0.05, 0.5, /gamma is NaN: give a number from/],
  [{ type: 'given', fractions: [], shares: [] }, 0.05, 0.5, /0 fractions and 0 shares/],
  [{ type: 'given', fractions: [0.5, 1], shares: [1] }, 0.05, 0.5, /2 fractions and 1 shares/],
  [{ type: 'given', fractions: [0.5, 0.4, 1], shares: [0, 0, 1] }, 0.05, 0.5, /they must rise/],
  [{ type: 'given', fractions: [0.5, 0.9], shares: [0, 1] }, 0.05, 0.5, /to 1/],
  [{ type: 'given', fractions: [0.5, 1], shares: [0.6, 0.5] }, 0.05, 0.5, /shares are 0.6, 0.5/],
  [{ type: 'bonferroni' } as never, 0.05, 0.5, /"bonferroni": give lan-demets/],
  [{ type: 'lan-demets-pocock' }, 1.5, 0.5, /error is 1.5/],
  [{ type: 'lan-demets-pocock' }, 0.05, Number.NaN, /fraction is NaN/],
  [{ type: 'lan-demets-pocock' }, 0.05, -0.1, /fraction is -0.1/],
])('refuses %j of %d at %d', (spending, error, fraction, message) => {
  expect(() => spentError(spending, error, fraction)).toThrow(message)
})

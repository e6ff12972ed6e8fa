import { normalSf } from '@fairtrial/statistics'
import { describe, expect, it } from 'vitest'
import { groupSequentialBoundaries } from './boundaries.ts'
import type { BoundaryRule } from './design.ts'
import { repeatedPValues, sequentialPValue } from './sequential-p.ts'

const informationFractions = [0.2, 0.5, 0.8, 1]
const rules: BoundaryRule[] = [
  { type: 'lan-demets-obrien-fleming' },
  { type: 'lan-demets-pocock' },
  { type: 'kim-demets', power: 1.5 },
  { type: 'hwang-shih-decani', gamma: -4 },
  { type: 'obrien-fleming' },
  { type: 'wang-tsiatis', delta: 0.25 },
]

describe.each(rules)('$type', (rule) => {
  it.each([1, 2] as const)('a z on the bound of some alpha has that alpha for its p (%d-sided)', (sides) => {
    for (const alpha of [0.2, 0.03, 1e-4]) {
      const { upper } = groupSequentialBoundaries({ informationFractions, rule, sides, alpha })
      const onBounds = repeatedPValues(
        { informationFractions, rule, sides },
        upper.map((bound) => bound ?? 0),
      )
      for (const [i, pValue] of onBounds.entries()) {
        if (upper[i] !== null) expect(pValue / alpha).toBeCloseTo(1, 6)
      }
    }
  })

  it('the smallest of all looks counts, so that it never rises', () => {
    const plan = { informationFractions, rule, sides: 1 } as const
    const z = [1.2, 2.1, 1.7, 2.4]
    const running = z.map((_, i) => sequentialPValue(plan, z.slice(0, i + 1)))
    expect(running).toEqual(running.toSorted((a, b) => b - a))
    expect(running.at(-1)).toBe(Math.min(...repeatedPValues(plan, z)))
  })
})

it('is mirrored with two sides', () => {
  const plan = { informationFractions, rule: rules[3]!, sides: 2 } as const
  expect(repeatedPValues(plan, [1, -2.5])).toEqual(repeatedPValues(plan, [-1, 2.5]))
})

it('a last look that was declared spends the rest', () => {
  const plan = { informationFractions: [0.5, 0.8], rule: rules[3]!, sides: 1 } as const
  expect(sequentialPValue({ ...plan, isFinal: true }, [1, 2.5])).toBeLessThan(
    sequentialPValue(plan, [1, 2.5]),
  )
  expect(sequentialPValue({ ...plan, isFinal: true }, [1])).toBe(sequentialPValue(plan, [1]))
})

it('keeps its digits far out, and is 1 or one half where nothing speaks for an effect', () => {
  const first = { informationFractions: [1], rule: rules[3]!, sides: 1 } as const
  expect(sequentialPValue(first, [30]) / normalSf(30)).toBeCloseTo(1, 9)
  expect(sequentialPValue(first, [60])).toBeLessThan(1e-299)
  expect(sequentialPValue(first, [-6])).toBe(1)
  expect(repeatedPValues(first, [-6])).toEqual([0.5])
  expect(repeatedPValues({ ...first, rule: { type: 'pocock' } }, [-6])).toEqual([0.5])
})

it('refuses, with field, value and remedy', () => {
  const plan = { informationFractions, rule: rules[0]!, sides: 1 } as const
  expect(() => sequentialPValue(plan, [])).toThrow(/z has 0 statistics for 4 looks: give/)
  expect(() => sequentialPValue(plan, [1, 1, 1, 1, 1])).toThrow(/z has 5 statistics for 4 looks/)
  expect(() => repeatedPValues(plan, [1, Number.NaN])).toThrow(/z\[1\] is NaN: give/)
  expect(() => repeatedPValues({ ...plan, informationFractions: [] }, [1])).toThrow(/is empty/)
})

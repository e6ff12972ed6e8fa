import { normalQuantile } from '@fairtrial/statistics'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { groupSequentialBoundaries } from './boundaries.ts'
import type { BoundaryRule, GroupSequentialDesign } from './design.ts'
import { exitProbabilities } from './exit-probabilities.ts'
import type { SpendingFunction } from './spending.ts'

const late: SpendingFunction = { type: 'hwang-shih-decani', gamma: -4 }
const equally = (looks: number) => Array.from({ length: looks }, (_, i) => (i + 1) / looks)

const spendings = fc.oneof<fc.Arbitrary<SpendingFunction>[]>(
  fc.constant({ type: 'lan-demets-obrien-fleming' }),
  fc.constant({ type: 'lan-demets-pocock' }),
  fc.double({ min: 0.5, max: 4, noNaN: true }).map((power) => ({ type: 'kim-demets', power })),
  fc.double({ min: -8, max: 3, noNaN: true }).map((gamma) => ({ type: 'hwang-shih-decani', gamma })),
)
const classicals = fc.double({ min: 0, max: 0.5, noNaN: true }).map((delta) => ({
  type: 'wang-tsiatis' as const,
  delta,
}))
const fractions = fc
  .uniqueArray(fc.integer({ min: 20, max: 999 }), { maxLength: 6 })
  .map((list) => [...list.toSorted((a, b) => a - b).map((each) => each / 1000), 1])
const designs = fc.record<GroupSequentialDesign>({
  informationFractions: fractions,
  rule: fc.oneof<fc.Arbitrary<BoundaryRule>[]>(spendings, classicals),
  sides: fc.constantFrom(1, 2),
  alpha: fc.double({ min: 0.001, max: 0.2, noNaN: true }),
})

describe('any design', () => {
  it('spends alpha, no more and no less than a millionth of it, as a walk along its bounds counts', () => {
    fc.assert(
      fc.property(designs, (design) => {
        const boundaries = groupSequentialBoundaries(design)
        const { upper, lower } = exitProbabilities(boundaries, 0)
        const spent = [...upper, ...lower].reduce((sum, each) => sum + each, 0)
        expect(Math.abs(spent - design.alpha)).toBeLessThan(1e-9)
        expect(boundaries.cumulativeAlpha.at(-1)).toBeCloseTo(design.alpha, 9)
      }),
      { numRuns: 60 },
    )
  })

  it('has lower bounds for a larger alpha', () => {
    fc.assert(
      fc.property(designs, (design) => {
        const bounds = groupSequentialBoundaries(design).upper
        const more = groupSequentialBoundaries({ ...design, alpha: design.alpha * 1.3 }).upper
        for (const [i, bound] of bounds.entries()) {
          expect(more[i] ?? 8.9).toBeLessThan((bound ?? Number.POSITIVE_INFINITY) + 1e-9)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('mirrors its bounds when both directions stop, each with half of alpha', () => {
    fc.assert(
      fc.property(designs, (design) => {
        const { upper, lower } = groupSequentialBoundaries({ ...design, sides: 2 })
        expect(lower).toEqual(upper.map((bound) => (bound === null ? null : -bound)))
      }),
      { numRuns: 20 },
    )
  })
})

it('classical bounds depend on the spacing of the looks only', () => {
  const design = { rule: { type: 'pocock' }, sides: 2, alpha: 0.05 } as const
  const { upper } = groupSequentialBoundaries({ ...design, informationFractions: [0.25, 0.5, 1] })
  const scaled = groupSequentialBoundaries({ ...design, informationFractions: [0.2, 0.4, 0.8] })
  for (const [i, bound] of scaled.upper.entries()) expect(bound).toBeCloseTo(upper[i]!, 9)
})

it('one look has the bound of a fixed test', () => {
  const design = { informationFractions: [1], sides: 2, alpha: 0.05 } as const
  for (const rule of [late, { type: 'obrien-fleming' }] as const) {
    expect(groupSequentialBoundaries({ ...design, rule }).upper[0]).toBeCloseTo(-normalQuantile(0.025), 12)
  }
})

describe('looks out of plan', () => {
  const boundsOf = (informationFractions: number[], isFinal = false) =>
    groupSequentialBoundaries({ informationFractions, rule: late, sides: 2, alpha: 0.05, isFinal })

  it('leave the bounds before them as they were', () => {
    const planned = boundsOf([0.25, 0.5, 0.75, 1])
    const moved = boundsOf([0.25, 0.5, 0.61, 0.9, 1])
    expect(moved.upper.slice(0, 2)).toEqual(planned.upper.slice(0, 2))
    expect(moved.cumulativeAlpha.at(-1)).toBeCloseTo(0.05, 12)
  })

  it('under-running: less is spent below fraction 1, unless the look is declared the last', () => {
    expect(boundsOf([0.25, 0.5, 0.9]).cumulativeAlpha.at(-1)).toBeLessThan(0.04)
    expect(boundsOf([0.25, 0.5, 0.9], true).cumulativeAlpha.at(-1)).toBeCloseTo(0.05, 12)
    expect(boundsOf([0.25, 0.5, 0.9], true).upper[2]).toBeLessThan(boundsOf([0.25, 0.5, 0.9]).upper[2]!)
  })

  it('over-running: the first look from 1 on spends what is left, a later one has nothing to spend', () => {
    const { upper, cumulativeAlpha } = boundsOf([0.25, 0.5, 1.1, 1.3])
    expect(cumulativeAlpha[2]).toBeCloseTo(0.05, 12)
    expect(upper[3]).toBeNull()
    // More information came between the looks than planned, so they are less alike and the bound is higher.
    expect(upper[2]).toBeGreaterThan(boundsOf([0.25, 0.5, 1]).upper[2]!)
  })
})

describe('numbers at their limits', () => {
  it('fifty looks spend alpha', () => {
    const design = { informationFractions: equally(50), sides: 1, alpha: 0.025 } as const
    const { upper, cumulativeAlpha } = groupSequentialBoundaries({ ...design, rule: late })
    expect(upper).toHaveLength(50)
    expect(cumulativeAlpha.at(-1)).toBeCloseTo(0.025, 10)
  })

  it('a bound beyond 8.9 is null, with no p-value and nothing spent', () => {
    const design = { informationFractions: [0.01, 0.05, 0.1, 1], sides: 2, alpha: 0.05 } as const
    const { upper, nominalP, cumulativeAlpha } = groupSequentialBoundaries({
      ...design,
      rule: { type: 'lan-demets-obrien-fleming' },
    })
    expect(upper.slice(0, 2)).toEqual([null, null])
    expect(nominalP.slice(0, 2)).toEqual([0, 0])
    expect(cumulativeAlpha[1]).toBe(0)
    expect(upper[2]).toBeGreaterThan(6.9)
    expect(cumulativeAlpha[3]).toBeCloseTo(0.05, 12)
  })

  it('looks a hundred-thousandth apart, and a first look at a thousandth, spend alpha', () => {
    const design = { rule: { type: 'lan-demets-pocock' }, sides: 2, alpha: 0.05 } as const
    for (const informationFractions of [
      [0.5, 0.50001, 1],
      [0.001, 0.4, 0.41, 1],
    ]) {
      const { cumulativeAlpha } = groupSequentialBoundaries({ ...design, informationFractions })
      expect(cumulativeAlpha.at(-1)).toBeCloseTo(0.05, 10)
    }
  })
})

describe('refuses, with field, value and remedy', () => {
  const good: GroupSequentialDesign = { informationFractions: [0.5, 1], rule: late, sides: 2, alpha: 0.05 }
  it.each<[Partial<GroupSequentialDesign>, RegExp]>([
    [{ informationFractions: [] }, /informationFractions is empty: give/],
    [{ informationFractions: [Number.NaN, 1] }, /informationFractions\[0\] is NaN: give/],
    [{ informationFractions: [0, 1] }, /informationFractions\[0\] is 0: give a finite number above 0/],
    [{ informationFractions: [0.5, Number.POSITIVE_INFINITY] }, /informationFractions\[1\] is Infinity/],
    [{ informationFractions: [0.5, 0.4, 1] }, /informationFractions\[1\] is 0.4 after 0.5: .*sort them/],
    [{ informationFractions: [0.5, 0.5, 1] }, /leave out a look without new data/],
    [{ alpha: Number.NaN }, /alpha is NaN: give a probability/],
    [{ alpha: 0 }, /alpha is 0/],
    [{ alpha: 5 }, /alpha is 5/],
    [{ alpha: 0.6, sides: 1, rule: { type: 'pocock' } }, /alpha is 0.6: .*below 0.5/],
    [{ sides: 3 as never }, /sides is 3: give 1 or 2/],
    [{ rule: { type: 'wang-tsiatis', delta: Number.NaN } }, /delta is NaN: give 0/],
    [{ rule: { type: 'kim-demets', power: -1 } }, /power is -1: give/],
  ])('%j', (change, message) => {
    const act = () => groupSequentialBoundaries({ ...good, ...change })
    expect(act).toThrow(RangeError)
    expect(act).toThrow(message)
  })
})

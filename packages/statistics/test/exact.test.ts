import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  binomialCdf,
  binomialSf,
  clopperPearson,
  type Estimable,
  fisherExact,
  isEstimable,
  type NotEstimable,
  sampleRatioBySegment,
  sampleRatioChiSquare,
  wilson,
} from '../src/index.ts'
import { disagreements, type ReferenceCase } from './agreement.ts'
import reference from './reference/fixed-horizon.json' with { type: 'json' }

function known<T extends object>(value: Estimable<T>): T {
  if (isEstimable(value)) return value
  throw new Error(value.notEstimable.detail)
}
const code = (value: object) =>
  'notEstimable' in value ? (value as NotEstimable).notEstimable.code : 'estimated'

for (const each of reference.cases as ReferenceCase[]) {
  if (each.expected.clopperPearsonLower !== undefined) {
    it(`${each.id} agrees with R’s binom.test`, () => {
      const { clopperPearsonLower: lower, clopperPearsonUpper: upper } = each.expected
      const exact = known(clopperPearson(each.input, { level: 1 - each.input.alpha }))
      expect(disagreements({ ...each, expected: { lower, upper } }, exact)).toEqual([])
    })
  }
  if (typeof each.expected.fisherExactP === 'number') {
    it(`${each.id} agrees with R’s fisher.test`, () => {
      const { control, treatment } = each.input
      const test = fisherExact(control, treatment)
      // Where all units of both arms did the same, R says p = 1; there is no test.
      if (control.successes + treatment.successes === control.n + treatment.n) {
        expect([each.expected.fisherExactP, code(test)]).toEqual([1, 'zero-variance'])
        return
      }
      const expected = { pValue: each.expected.fisherExactP }
      expect(disagreements({ ...each, expected }, test)).toEqual([])
    })
  }
}

const proportion = fc
  .tuple(fc.integer({ min: 1, max: 300 }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([n, share]) => ({ n, successes: Math.round(n * share) }))

describe('clopperPearson', () => {
  it('ends where the tail is half of 1 − level', () => {
    fc.assert(
      fc.property(proportion, fc.constantFrom(0.9, 0.95, 0.999), ({ n, successes }, level) => {
        const { lower, upper } = known(clopperPearson({ n, successes }, { level }))
        const tail = (1 - level) / 2
        if (successes > 0) expect(binomialSf(successes - 1, n, lower) / tail).toBeCloseTo(1, 9)
        else expect(lower).toBe(0)
        if (successes < n) expect(binomialCdf(successes, n, upper) / tail).toBeCloseTo(1, 8)
        else expect(upper).toBe(1)
        const { proportion: p } = known(wilson({ n, successes }))
        expect(lower <= p && p <= upper).toBe(true)
      }),
    )
  })

  it('says why it cannot', () => {
    expect(code(clopperPearson({ successes: 0, n: 0 }))).toBe('no-data')
    expect(code(clopperPearson({ successes: 0.5, n: 2 }))).toBe('not-applicable')
    expect(code(clopperPearson({ successes: Number.NaN, n: 2 }))).toBe('non-finite')
  })
})

describe('fisherExact', () => {
  it('mirrors when the arms are swapped; its one-sided chances share the table itself', () => {
    fc.assert(
      fc.property(proportion, proportion, (control, treatment) => {
        const test = fisherExact(control, treatment)
        fc.pre(isEstimable(test))
        const mirrored = known(fisherExact(treatment, control))
        expect(mirrored.pGreater).toBeCloseTo(known(test).pLess, 10)
        expect(mirrored.pValue).toBeCloseTo(known(test).pValue, 9)
        expect(known(test).pGreater + known(test).pLess).toBeGreaterThanOrEqual(1 - 1e-9)
        expect(known(test).pValue).toBeGreaterThan(0)
      }),
    )
  })

  it('says why it cannot', () => {
    expect(code(fisherExact({ successes: 0, n: 5 }, { successes: 0, n: 4 }))).toBe('zero-variance')
    expect(code(fisherExact({ successes: 0, n: 0 }, { successes: 0, n: 4 }))).toBe('no-data')
    expect(code(fisherExact({ successes: 1, n: 5 }, { successes: 9, n: 4 }))).toBe('not-applicable')
  })
})

describe('sampleRatioBySegment', () => {
  it('finds the browser that loses units of one arm', () => {
    const segments = [
      { name: 'chrome', observed: [5010, 4990] },
      { name: 'firefox', observed: [2000, 2020] },
      { name: 'safari', observed: [3000, 2600] },
      { name: 'none', observed: [0, 0] },
    ]
    const { total, heterogeneity, segments: judged } = sampleRatioBySegment(segments, [1, 1])
    expect(judged[0]!.name).toBe('safari')
    expect(judged[0]!.adjustedP).toBeLessThan(1e-5)
    expect(judged[1]!.adjustedP).toBeGreaterThan(0.5)
    expect(judged.at(-1)).toMatchObject({ name: 'none', adjustedP: undefined })
    expect(heterogeneity!.pValue).toBeLessThan(1e-4)
    expect(heterogeneity!.degreesOfFreedom).toBe(2)
    expect(known(total)).toEqual(known(sampleRatioChiSquare([10_010, 9610], [1, 1])))
  })

  it('tells a mismatch that is everywhere from one that is somewhere', () => {
    const segments = Array.from({ length: 5 }, (_, i) => ({ name: `day ${i}`, observed: [1100, 1000] }))
    const { total, heterogeneity } = sampleRatioBySegment(segments, [1, 1])
    expect(known(total).pValue).toBeLessThan(1e-5)
    expect(heterogeneity!.pValue).toBeGreaterThan(0.999)
    expect(sampleRatioBySegment(segments.slice(0, 1), [1, 1]).heterogeneity).toBeUndefined()
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Estimable,
  emptyMoments,
  isEstimable,
  type NotEstimable,
  type Moments,
  momentsOf,
  relativeLift,
  welch,
} from './index.ts'

function known<T extends object>(value: Estimable<T>): T {
  if (isEstimable(value)) return value
  throw new Error(value.notEstimable.detail)
}

const code = (value: object) =>
  'notEstimable' in value ? (value as NotEstimable).notEstimable.code : 'estimated'

const moments = fc.record({
  n: fc.integer({ min: 2, max: 1e6 }),
  mean: fc.double({ min: -1e3, max: 1e3, noNaN: true }).map((mean) => Math.fround(mean) + 1 / 3),
  m2: fc.double({ min: 1e-3, max: 1e9, noNaN: true }),
})
const scaled = ({ n, mean, m2 }: Moments, factor: number): Moments => ({
  n,
  mean: mean * factor,
  m2: m2 * factor * factor,
})

describe('welch', () => {
  it('does not care for the unit of measurement', () => {
    fc.assert(
      fc.property(moments, moments, fc.integer({ min: -300, max: 300 }), (control, treatment, exponent) => {
        const factor = 2 ** exponent
        const plain = known(welch(control, treatment))
        const rescaled = known(welch(scaled(control, factor), scaled(treatment, factor)))
        expect(rescaled.t).toBe(plain.t)
        expect(rescaled.pValue).toBe(plain.pValue)
        expect(rescaled.interval.lower).toBeCloseTo(plain.interval.lower * factor, 6)
      }),
    )
  })

  it('does not care for the zero of measurement, and mirrors when the arms are swapped', () => {
    fc.assert(
      fc.property(moments, moments, fc.integer({ min: -1000, max: 1000 }), (control, treatment, shift) => {
        const plain = known(welch(control, treatment))
        const moved = known(
          welch({ ...control, mean: control.mean + shift }, { ...treatment, mean: treatment.mean + shift }),
        )
        expect(moved.difference).toBeCloseTo(plain.difference, 9)
        expect(moved.degreesOfFreedom).toBe(plain.degreesOfFreedom)
        const mirrored = known(welch(treatment, control))
        expect(mirrored.t + plain.t).toBe(0)
        expect(mirrored.pGreater).toBe(plain.pLess)
        expect(mirrored.logP).toBe(plain.logP)
      }),
    )
  })

  it('has p below 1 − level exactly when zero lies outside the interval', () => {
    fc.assert(
      fc.property(moments, moments, fc.constantFrom(0.8, 0.95, 0.999), (control, treatment, level) => {
        const { pValue, interval } = known(welch(control, treatment, { level }))
        fc.pre(Math.abs(pValue - (1 - level)) > 1e-9)
        expect(pValue < 1 - level).toBe(interval.lower > 0 || interval.upper < 0)
      }),
    )
  })

  it('has an interval that shrinks as units are added at the same variance', () => {
    const width = (n: number) => {
      const { interval } = known(welch({ n, mean: 1, m2: 4 * (n - 1) }, { n, mean: 2, m2: 3 * (n - 1) }))
      return interval.upper - interval.lower
    }
    const widths = [2, 3, 5, 10, 100, 1e4, 1e8].map(width)
    expect(widths).toEqual([...widths].sort((a, b) => b - a))
  })

  it('says ln p where p itself leaves the doubles', () => {
    const test = known(welch({ n: 1e6, mean: 0, m2: 1e6 }, { n: 1e6, mean: 1, m2: 1e6 }))
    expect(test.pValue).toBe(0)
    expect(test.logP).toBeCloseTo(-223150.00357354, 6)
  })

  it('says ln p of a difference next to nothing, where p rounds to 1', () => {
    const nearly = known(welch({ n: 1e6, mean: 0, m2: 1e6 }, { n: 1e6, mean: 1e-12, m2: 1e6 }))
    // −2 φ(0) t, the first term of its series.
    expect(nearly.logP / (-2 * 0.3989422804014327 * nearly.t)).toBeCloseTo(1, 6)
  })

  it('FAULTS 43: with no units the answer is "no-data", never a p-value', () => {
    expect(code(welch(emptyMoments, momentsOf([1, 2])))).toBe('no-data')
    expect(code(relativeLift(momentsOf([1, 2]), emptyMoments))).toBe('no-data')
  })

  it('FAULTS 44: one unit, all zero, all equal: typed, and the arm is named', () => {
    expect(welch(momentsOf([5]), momentsOf([1, 2]))).toMatchObject({
      notEstimable: { code: 'too-few-units', detail: expect.stringContaining('control') },
    })
    expect(code(welch(momentsOf([0, 0, 0]), momentsOf([0, 0])))).toBe('zero-variance')
    expect(code(welch(momentsOf([2, 2]), momentsOf([3, 3])))).toBe('zero-variance')
    expect(code(relativeLift(momentsOf([0, 0]), momentsOf([1, 2])))).toBe('zero-control-mean')
    expect(code(welch(momentsOf([2, 2]), momentsOf([3, 4])))).toBe('estimated')
  })

  it('never answers with NaN, 0 or 1 for numbers that are none', () => {
    const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1e308]
    for (const value of odd) {
      for (const arm of [momentsOf([1, value]), momentsOf([value, -value]), { n: 5, mean: 1, m2: value }]) {
        expect(code(welch(momentsOf([1, 2]), arm))).toBe('non-finite')
        expect(code(relativeLift(arm, momentsOf([1, 2])))).toBe('non-finite')
      }
    }
    expect(code(welch({ n: Number.NaN, mean: 1, m2: 1 }, momentsOf([1, 2])))).toBe('not-applicable')
    expect(code(welch({ n: -3, mean: 1, m2: 1 }, momentsOf([1, 2])))).toBe('not-applicable')
  })

  it('works at 1e150', () => {
    const test = known(welch(momentsOf([1e150, 2e150, 4e150]), momentsOf([2e150, 5e150, 7e150])))
    const small = known(welch(momentsOf([1, 2, 4]), momentsOf([2, 5, 7])))
    expect(test.pValue).toBeCloseTo(small.pValue, 14)
  })

  it('throws at a level that is none, with the remedy', () => {
    expect(() => welch(momentsOf([1, 2]), momentsOf([1, 2]), { level: 95 })).toThrow(/give 0.95, not 95/)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isEstimable } from './estimable.ts'
import {
  mergeSketches,
  sketchCount,
  sketchOf,
  sketchQuantile,
  sketchRank,
  sketchValueAt,
} from './quantile-sketch.ts'
import { sampleQuantile } from './sample-quantile.ts'

const size = fc
  .tuple(fc.double({ min: -300, max: 308, noNaN: true }), fc.constantFrom(1, -1))
  .map(([exponent, sign]) => sign * 10 ** exponent)
const value = fc.oneof(size, fc.integer({ min: -9, max: 9 }), fc.constantFrom(0, -0, 1e308, 1e-300, -1e308))
const values = fc.array(value, { minLength: 1, maxLength: 80 })
const accuracies = fc.constantFrom(0.001, 0.01, 0.2)

function quantileOf(sketch: Parameters<typeof sketchQuantile>[0], p: number): number {
  const estimate = sketchQuantile(sketch, p)
  if (!isEstimable(estimate)) throw new Error(estimate.notEstimable.detail)
  return estimate.quantile
}

describe('a quantile sketch', () => {
  it('is off by at most its accuracy, at every quantile and rank, from 1e-300 to 1e308 and either sign', () => {
    fc.assert(
      fc.property(values, accuracies, fc.double({ min: 0, max: 1, noNaN: true }), (all, accuracy, p) => {
        const sketch = sketchOf(all, { accuracy })
        const sorted = all.toSorted((a, b) => a - b)
        const near = (actual: number, exact: number) =>
          expect(Math.abs(actual - exact)).toBeLessThanOrEqual(accuracy * Math.abs(exact) * (1 + 1e-9))
        sorted.forEach((exact, i) => near(sketchValueAt(sketch, i + 1), exact))
        const exact = sampleQuantile(sorted, p, 1)
        if (isEstimable(exact)) near(quantileOf(sketch, p), exact.quantile)
      }),
    )
  })

  it('counts, and bounds the rank of any value', () => {
    fc.assert(
      fc.property(values, value, (all, probe) => {
        const sketch = sketchOf(all)
        expect(sketchCount(sketch)).toBe(all.length)
        const { below, atMost } = sketchRank(sketch, probe)
        expect(below).toBeLessThanOrEqual(all.filter((each) => each < probe).length)
        expect(atMost).toBeGreaterThanOrEqual(all.filter((each) => each <= probe).length)
      }),
    )
    const sketch = sketchOf([-5, 0, 0, 1, 2, 4])
    expect(sketchRank(sketch, 2)).toEqual({ below: 4, atMost: 5 })
    expect(sketchRank(sketch, 3)).toEqual({ below: 5, atMost: 5 })
    expect(sketchRank(sketch, 0)).toEqual({ below: 1, atMost: 3 })
    expect(sketchRank(sketch, -5)).toEqual({ below: 0, atMost: 1 })
    expect(sketchRank(sketch, Number.POSITIVE_INFINITY)).toEqual({ below: 6, atMost: 6 })
    expect(sketchRank(sketch, Number.NEGATIVE_INFINITY)).toEqual({ below: 0, atMost: 0 })
  })

  it('merges to exactly the sketch of all values, in any order and grouping', () => {
    fc.assert(
      fc.property(values, values, values, (a, b, c) => {
        const whole = sketchOf([...c, ...a, ...b])
        const [x, y, z] = [sketchOf(a), sketchOf(b), sketchOf(c)]
        expect(mergeSketches(mergeSketches(x, y), z)).toEqual(whole)
        expect(mergeSketches(z, mergeSketches(y, x))).toEqual(whole)
        expect(mergeSketches(whole, sketchOf([]))).toEqual(whole)
      }),
    )
  })

  it('takes ranks as type 1 of the sample quantile: p = 0.5 of four values is the second', () => {
    const sketch = sketchOf([10, 20, 30, 40])
    expect(quantileOf(sketch, 0.5) / 20).toBeCloseTo(1, 2)
    expect(quantileOf(sketch, 0.51) / 30).toBeCloseTo(1, 2)
    expect(quantileOf(sketch, 0) / 10).toBeCloseTo(1, 2)
    expect(quantileOf(sketch, 1) / 40).toBeCloseTo(1, 2)
    // 0.07 × 100 is more than 7 in doubles.
    const hundred = sketchOf(Array.from({ length: 100 }, (_, i) => i + 1))
    expect(quantileOf(hundred, 0.07) / 7).toBeCloseTo(1, 2)
  })

  it('has no quantile without values, and refuses what is not a finite number or not of its accuracy', () => {
    expect(sketchQuantile(sketchOf([]), 0.5)).toMatchObject({ notEstimable: { code: 'no-data' } })
    expect(() => sketchOf([Number.NaN])).toThrow('a value is NaN')
    expect(() => sketchOf([], { accuracy: 0 })).toThrow('accuracy is 0')
    expect(() => sketchQuantile(sketchOf([1]), 1.5)).toThrow('p is 1.5')
    expect(() => sketchValueAt(sketchOf([1]), 2)).toThrow('give one from 1 to 1')
    expect(() => mergeSketches(sketchOf([]), sketchOf([], { accuracy: 0.01 }))).toThrow('one accuracy')
  })
})

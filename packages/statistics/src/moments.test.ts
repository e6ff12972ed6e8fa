import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  accumulate,
  accumulatedMoments,
  addPair,
  addValue,
  covarianceOf,
  createAccumulator,
  emptyCrossMoments,
  emptyMoments,
  isEstimable,
  type Moments,
  mergeCrossMoments,
  mergeMoments,
  momentsFromSums,
  momentsOf,
  sampleVariance,
} from './index.ts'

const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 30 })
const shifted = fc
  .tuple(fc.array(values, { minLength: 2, maxLength: 6 }), fc.double({ min: -1e9, max: 1e9, noNaN: true }))
  .map(([shards, shift]) => shards.map((shard) => shard.map((value) => value + shift)))

/** What a mean of doubles can be known to: 8 ε |mean| / sd, relative to the variance, and 8 ε for each merge. */
function expectEqual(a: Moments, b: Moments, merges = 1) {
  expect(a.n).toBe(b.n)
  const sd = Math.sqrt(Math.max(a.m2, b.m2) / a.n)
  const size = Math.abs(a.mean) + sd
  expect(Math.abs(a.mean - b.mean)).toBeLessThanOrEqual(8 * Number.EPSILON * size)
  const allowed =
    8 * Number.EPSILON * (size * sd + merges * sd * sd) * a.n + a.n * (8 * Number.EPSILON * size) ** 2
  expect(Math.abs(a.m2 - b.m2)).toBeLessThanOrEqual(allowed)
}

describe('mergeMoments', () => {
  it('is associative and free of order within 8 ε |mean| / sd', () => {
    fc.assert(
      fc.property(shifted, (shards) => {
        const parts = shards.map(momentsOf)
        const forwards = parts.reduce((a, b) => mergeMoments(a, b), emptyMoments)
        const backwards = parts.reduceRight((a, b) => mergeMoments(b, a), emptyMoments)
        expectEqual(forwards, backwards, shards.length)
        expectEqual(
          forwards,
          parts.toReversed().reduce((a, b) => mergeMoments(a, b)),
        )
        expectEqual(forwards, momentsOf(shards.flat()), shards.length)
      }),
    )
  })

  it('has the empty moments for its neutral element', () => {
    fc.assert(
      fc.property(values, (shard) => {
        const moments = momentsOf(shard)
        expect(mergeMoments(moments, emptyMoments)).toEqual(moments)
        expect(mergeMoments(emptyMoments, moments)).toEqual(moments)
      }),
    )
  })
})

describe('folding', () => {
  it('agrees however the values come in', () => {
    fc.assert(
      fc.property(shifted, (shards) => {
        const all = shards.flat()
        const accumulator = createAccumulator()
        for (const value of all) accumulate(accumulator, value)
        expectEqual(accumulatedMoments(accumulator), momentsOf(all))
        const added = all.reduce(addValue, emptyMoments)
        // One value at a time: the k-th step rounds the mean by half an ε, what is added to it by 2ε/k, and takes 1/k
        // off the errors before it: n/4 + 3 in all. The mean to hold it to is a sum, of partial sums up to n/2: n/8 + 1.
        const size = Math.max(...all.map(Math.abs))
        expect(Math.abs(added.mean - momentsOf(all).mean)).toBeLessThanOrEqual(
          ((3 / 8) * all.length + 4) * Number.EPSILON * size,
        )
      }),
    )
  })

  it('gets the variance of 1e9 ± 0.5 right', () => {
    const all = Array.from({ length: 1000 }, (_, i) => 1e9 + (i % 2 === 0 ? 0.5 : -0.5))
    const accumulator = createAccumulator()
    for (const value of all) accumulate(accumulator, value)
    expect(momentsOf(all)).toEqual({ n: 1000, mean: 1e9, m2: 250 })
    expect(accumulatedMoments(accumulator).m2).toBeCloseTo(250, 10)
    expect(all.reduce(addValue, emptyMoments).m2).toBeCloseTo(250, 3)
  })

  it('leaves a constant without spread, whatever its value', () => {
    for (const value of [0.1, 1 / 3, 1e150, -7e-200]) {
      expect(momentsOf(Array(7).fill(value))).toEqual({ n: 7, mean: value, m2: 0 })
    }
  })

  it('takes any iterable', () => {
    expect(momentsOf(new Set([1, 2, 3]))).toEqual({ n: 3, mean: 2, m2: 2 })
    expect(momentsOf([])).toEqual(emptyMoments)
  })
})

describe('momentsFromSums', () => {
  it('is exact where a plain subtraction loses every digit (NIST NumAcc4: 1e7 + 0.1, variance 0.01)', () => {
    // n Σx² − (Σx)² of x = 10000000 ± 1, 2 values each: 4·400000000000004 − 40000000² = 16.
    expect(momentsFromSums({ n: 4, sum: 40000000, sumSquares: 400000000000004 })).toEqual({
      n: 4,
      mean: 1e7,
      m2: 4,
    })
  })

  it('agrees with the values themselves', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 50 }), (all) => {
        const sums = {
          n: all.length,
          sum: all.reduce((a, b) => a + b, 0),
          sumSquares: all.reduce((a, b) => a + b * b, 0),
        }
        const moments = momentsFromSums(sums)
        if (!isEstimable(moments)) throw new Error(moments.notEstimable.detail)
        expectEqual(moments, momentsOf(all))
      }),
    )
  })

  it('does not take the rounding of a constant for its spread', () => {
    expect(momentsFromSums({ n: 3, sum: 0.1 + 0.1 + 0.1, sumSquares: 0.1 * 0.1 * 3 })).toMatchObject({
      m2: 0,
    })
  })

  it('refuses sums that no numbers have', () => {
    const codes = [
      { n: 4, sum: 10, sumSquares: 20 },
      { n: 0, sum: 1, sumSquares: 1 },
      { n: 2, sum: Number.NaN, sumSquares: 1 },
      { n: 2, sum: 1, sumSquares: Number.POSITIVE_INFINITY },
    ].map((sums) => {
      const moments = momentsFromSums(sums)
      return isEstimable(moments) ? moments : moments.notEstimable.code
    })
    expect(codes).toEqual(['not-applicable', 'not-applicable', 'non-finite', 'non-finite'])
    expect(momentsFromSums({ n: 0, sum: 0, sumSquares: 0 })).toEqual(emptyMoments)
  })
})

describe('sampleVariance and covarianceOf', () => {
  it('say why there is none', () => {
    expect(sampleVariance(emptyMoments)).toMatchObject({ notEstimable: { code: 'no-data' } })
    expect(sampleVariance(momentsOf([3]))).toMatchObject({ notEstimable: { code: 'too-few-units' } })
    expect(sampleVariance(momentsOf([1e308, -1e308]))).toMatchObject({ notEstimable: { code: 'non-finite' } })
    expect(covarianceOf(emptyCrossMoments)).toMatchObject({ notEstimable: { code: 'no-data' } })
    expect(covarianceOf(addPair(emptyCrossMoments, 1, 2))).toMatchObject({
      notEstimable: { code: 'too-few-units' },
    })
    const constantX = addPair(addPair(emptyCrossMoments, 1, 2), 1, 3)
    expect(covarianceOf(constantX)).toMatchObject({ notEstimable: { code: 'zero-variance' } })
  })

  it('find the line through points that lie on one, also from two shards', () => {
    const line = (xs: number[]) =>
      xs.reduce((moments, x) => addPair(moments, x, 3 * x - 1), emptyCrossMoments)
    const found = covarianceOf(mergeCrossMoments(line([1, 2]), line([5, 9, 4])))
    if (!isEstimable(found)) throw new Error(found.notEstimable.detail)
    expect(found.slope).toBeCloseTo(3, 14)
    expect(found.varianceY / found.varianceX).toBeCloseTo(9, 13)
  })
})

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { bucketsOf, rangesOf } from './buckets.ts'

const weights = fc.array(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), {
  minLength: 1,
  maxLength: 100,
})

it('lays the arms over all buckets without gap or overlap, none of them empty', () => {
  fc.assert(
    fc.property(weights, (weights) => {
      let next = 0
      for (const { from, below } of rangesOf(weights)) {
        expect(from).toBe(next)
        expect(below).toBeGreaterThan(from)
        next = below
      }
      expect(next).toBe(1_000_000)
    }),
    { seed: 1, numRuns: 500 },
  )
})

it('gives each arm its share to within a bucket, whatever the sum', () => {
  const widths = (weights: number[]) => rangesOf(weights).map(({ from, below }) => below - from)
  expect(widths([1, 1])).toEqual([500_000, 500_000])
  expect(widths([1, 1, 1])).toEqual([333_333, 333_333, 333_334])
  expect(widths([9900, 100])).toEqual([990_000, 10_000])
  expect(widths([2 ** 53 - 1, 2 ** 53 - 1])).toEqual([500_000, 500_000])
  expect(widths([2 ** 53 - 1, 1])).toEqual([999_999, 1])
  expect(widths([1, 1, 2 ** 53 - 1])).toEqual([1, 1, 999_998])
  expect(widths([2 ** 53 - 1, 1, 1])).toEqual([999_998, 1, 1])
})

it('reads percentages with four decimals exactly', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000 }), (buckets) => {
      expect(bucketsOf(buckets / 10_000)).toBe(buckets)
    }),
    { seed: 1 },
  )
})

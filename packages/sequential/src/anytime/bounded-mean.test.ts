import { type Estimable, isEstimable, type NotEstimable } from '@fairtrial/statistics'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { addBoundedValue, anytimeBoundedMean, emptyBoundedMean, explicitTuning } from '../index.ts'

function known<T extends object>(value: Estimable<T>): T {
  if (isEstimable(value)) return value
  throw new Error(value.notEstimable.detail)
}

const code = (value: object) =>
  'notEstimable' in value ? (value as NotEstimable).notEstimable.code : 'estimated'

const fold = (values: readonly number[], least = 0, largest = 1) =>
  values.reduce(addBoundedValue, emptyBoundedMean(least, largest))
const values = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 50 })
const options = { ...explicitTuning({ alpha: 0.05, tunedAt: 1000 * 0.05 }), alpha: 0.05 }

it('holds the mean, within the ends', () => {
  fc.assert(
    fc.property(values, (each) => {
      const { mean, n, interval } = known(anytimeBoundedMean(fold(each), options))
      expect(n).toBe(each.length)
      expect(mean).toBeCloseTo(each.reduce((a, b) => a + b) / n, 12)
      expect(interval.lower).toBeGreaterThanOrEqual(0)
      expect(interval.upper).toBeLessThanOrEqual(1)
      expect(interval.lower).toBeLessThanOrEqual(mean)
      expect(interval.upper).toBeGreaterThanOrEqual(mean)
    }),
  )
})

it('moves and stretches with the scale', () => {
  fc.assert(
    fc.property(
      values,
      fc.integer({ min: -9, max: 9 }),
      fc.double({ min: 0.1, max: 100, noNaN: true }),
      (each, shift, k) => {
        const plain = known(anytimeBoundedMean(fold(each), options)).interval
        const moved = fold(
          each.map((value) => Math.min(shift + k, shift + k * value)),
          shift,
          shift + k,
        )
        const { interval } = known(anytimeBoundedMean(moved, { ...options, rho: options.rho * k * k }))
        expect((interval.lower - shift) / k).toBeCloseTo(plain.lower, 8)
        expect((interval.upper - shift) / k).toBeCloseTo(plain.upper, 8)
      },
    ),
  )
})

it('is narrower where the values are closer together, and as they come in', () => {
  const width = (n: number, spread: number, alpha = 0.05) => {
    const { interval } = known(
      anytimeBoundedMean(fold(Array.from({ length: n }, (_, i) => 0.5 + (i % 2 ? spread : -spread))), {
        ...options,
        alpha,
      }),
    )
    return interval.upper - interval.lower
  }
  expect(width(1000, 0.05)).toBeLessThan(width(1000, 0.4) / 2)
  expect(width(2000, 0.2)).toBeLessThan(width(1000, 0.2))
  expect(width(1000, 0.2, 0.01)).toBeGreaterThan(width(1000, 0.2))
})

it('FAULTS 43 and 44: one value, or values all alike, still leave doubt; what is no number is typed', () => {
  const one = known(anytimeBoundedMean(fold([0.3]), options)).interval
  expect(one).toMatchObject({ lower: 0, upper: 1 })
  const alike = known(anytimeBoundedMean(fold(Array.from({ length: 500 }, () => 0.3)), options)).interval
  expect(alike.upper - alike.lower).toBeGreaterThan(0.01)
  expect(code(anytimeBoundedMean(emptyBoundedMean(0, 1), options))).toBe('no-data')
  expect(code(anytimeBoundedMean(fold([0.3, Number.NaN]), options))).toBe('non-finite')
  expect(code(anytimeBoundedMean(fold([1e200], 0, 1e300), options))).toBe('non-finite')
  expect(() => fold([1.2])).toThrow(/a value is 1.2, outside 0 to 1/)
  expect(() => emptyBoundedMean(1, 0)).toThrow(/the smaller first/)
  expect(() => emptyBoundedMean(-1e308, 1e308)).toThrow(/finite ends/)
})

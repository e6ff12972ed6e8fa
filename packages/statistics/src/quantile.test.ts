import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  chiSquareCdf,
  chiSquareLogSf,
  chiSquareQuantile,
  normalCdf,
  normalLogSf,
  normalQuantile,
  studentTCdf,
  studentTLogSf,
  studentTQuantile,
  studentTSf,
} from './index.ts'

const probability = fc.oneof(
  fc.double({ min: 1e-300, max: 1e-3, noNaN: true }),
  fc.double({ min: 1e-3, max: 0.999, noNaN: true }),
  fc.integer({ min: -250, max: -1 }).map((exponent) => 10 ** exponent),
)
const df = fc.oneof(
  fc.double({ min: 1, max: 50, noNaN: true }),
  fc.double({ min: 50, max: 1e9, noNaN: true }),
  fc.constant(Number.POSITIVE_INFINITY),
)

it('quantiles undo their distributions', () => {
  fc.assert(
    fc.property(probability, df, (p, nu) => {
      expect(normalCdf(normalQuantile(p)) / p - 1).toBeCloseTo(0, 10)
      expect(studentTCdf(studentTQuantile(p, nu), nu) / p - 1).toBeCloseTo(0, 10)
      const bounded = Math.min(nu, 1e4)
      if (p > 1e-100) expect(chiSquareCdf(chiSquareQuantile(p, bounded), bounded) / p - 1).toBeCloseTo(0, 10)
    }),
  )
})

it('tails add up to one and fall as the argument grows', () => {
  fc.assert(
    fc.property(fc.double({ min: -50, max: 50, noNaN: true }), df, (t, nu) => {
      expect(studentTCdf(t, nu) + studentTSf(t, nu)).toBeCloseTo(1, 14)
      expect(studentTSf(t + 0.01, nu)).toBeLessThanOrEqual(studentTSf(t, nu))
    }),
  )
})

it("Student's t becomes the normal distribution as its degrees of freedom grow", () => {
  expect(studentTQuantile(0.975, 1e16)).toBeCloseTo(normalQuantile(0.975), 13)
  expect(studentTSf(5, 1e16) / studentTSf(5, Number.POSITIVE_INFINITY)).toBeCloseTo(1, 12)
})

it('logarithms of tails go on where the doubles end', () => {
  expect(normalLogSf(1e4)).toBeCloseTo(-50000010.12927891, 6)
  expect(studentTLogSf(1e200, 3)).toBeCloseTo(
    Math.log(2 * 3 ** 0.5) - Math.log(Math.PI) - 3 * Math.log(1e200),
    9,
  )
  expect(chiSquareLogSf(5000, 2)).toBe(-2500)
})

it('outside their domains all of them say NaN, and the ends are the ends', () => {
  expect([
    normalQuantile(-0.1),
    studentTQuantile(1.1, 5),
    studentTCdf(1, 0),
    studentTSf(Number.NaN, 5),
  ]).toEqual(Array(4).fill(Number.NaN))
  expect([chiSquareQuantile(Number.NaN, 2), chiSquareCdf(1, -1), normalCdf(Number.NaN)]).toEqual(
    Array(3).fill(Number.NaN),
  )
  expect([normalQuantile(0), normalQuantile(1), studentTQuantile(0, 3), chiSquareQuantile(1, 3)]).toEqual([
    Number.NEGATIVE_INFINITY,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.POSITIVE_INFINITY,
  ])
  expect(studentTSf(Number.POSITIVE_INFINITY, 4)).toBe(0)
  expect(normalLogSf(Number.NEGATIVE_INFINITY)).toBe(-0)
})

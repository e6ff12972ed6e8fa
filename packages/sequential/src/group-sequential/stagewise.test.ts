import { normalQuantile, normalSf } from '@fairtrial/statistics'
import { describe, expect, it } from 'vitest'
import { groupSequentialBoundaries } from './boundaries.ts'
import { repeatedIntervals } from './repeated-intervals.ts'
import { stagewiseInference } from './stagewise.ts'

const rule = { type: 'hwang-shih-decani', gamma: -4 } as const
const informationFractions = [0.3, 0.6, 1]
const boundaries = groupSequentialBoundaries({ informationFractions, rule, sides: 2, alpha: 0.05 })

it('a trial that stops at its first look is read like a fixed test', () => {
  const { pValue, twoSidedPValue, medianUnbiased, interval } = stagewiseInference(boundaries, {
    look: 1,
    estimate: 3.4,
    standardError: 1,
  })
  const reach = -normalQuantile(0.025)
  expect(pValue).toBeCloseTo(normalSf(3.4), 14)
  expect(twoSidedPValue).toBeCloseTo(2 * normalSf(3.4), 14)
  expect(medianUnbiased).toBeCloseTo(3.4, 10)
  expect(interval.lower).toBeCloseTo(3.4 - reach, 10)
  expect(interval.upper).toBeCloseTo(3.4 + reach, 10)
})

it('after an early stop the estimate is drawn in, and the interval leaves 0 exactly at the bound', () => {
  for (const [i, bound] of boundaries.upper.entries()) {
    const at = (z: number) =>
      stagewiseInference(boundaries, { look: i + 1, estimate: z * 0.1, standardError: 0.1 })
    const beyond = at(bound! + 1e-4)
    expect(beyond.interval.lower).toBeGreaterThan(i === 2 ? 0 : 0.001)
    if (i > 0) expect(beyond.medianUnbiased).toBeLessThan(0.1 * bound!)
    if (i === 2) {
      expect(at(bound!).interval.lower).toBeCloseTo(0, 8)
      expect(at(bound!).twoSidedPValue).toBeCloseTo(0.05, 9)
      expect(at(bound! - 1e-4).interval.lower).toBeLessThan(0)
    }
  }
})

it('a z far beyond the bound says no more than that the first look did not stop', () => {
  const at = (z: number) => stagewiseInference(boundaries, { look: 2, estimate: z, standardError: 1 })
  const { pValue, interval } = at(100)
  expect(pValue).toBeCloseTo(boundaries.nominalP[0]!, 14)
  expect(interval.lower).toBeGreaterThan(0)
  expect(interval.lower).toBeLessThan(interval.upper)
  expect(at(1e6).interval.lower).toBeCloseTo(interval.lower, 6)
})

describe('shifts and scales', () => {
  const stop = { look: 2, estimate: 2.9, standardError: 0.9 }

  it('with the unit of the effect', () => {
    const small = stagewiseInference(boundaries, stop)
    const large = stagewiseInference(boundaries, { look: 2, estimate: 2900, standardError: 900 })
    expect(large.pValue).toBeCloseTo(small.pValue, 14)
    expect(large.medianUnbiased / small.medianUnbiased).toBeCloseTo(1000, 6)
    expect(large.interval.upper / small.interval.upper).toBeCloseTo(1000, 6)
  })

  it('is mirrored with the effect', () => {
    const up = stagewiseInference(boundaries, stop)
    const down = stagewiseInference(boundaries, { ...stop, estimate: -2.9 })
    expect(down.pValue).toBeCloseTo(1 - up.pValue, 12)
    expect(down.twoSidedPValue).toBeCloseTo(up.twoSidedPValue, 12)
    expect(down.medianUnbiased).toBeCloseTo(-up.medianUnbiased, 10)
    expect(down.interval.lower).toBeCloseTo(-up.interval.upper, 10)
  })

  it('a higher level is a wider interval', () => {
    const at = (level: number) => stagewiseInference(boundaries, stop, { level }).interval
    expect(at(0.99).lower).toBeLessThan(at(0.95).lower)
    expect(at(0.99).upper).toBeGreaterThan(at(0.95).upper)
  })
})

it('no look after the stop matters, and no lower bound that does not bind', () => {
  const stop = { look: 2, estimate: 2.5, standardError: 1 }
  const { upper } = boundaries
  const plain = stagewiseInference({ informationFractions, upper }, stop)
  const elsewhere = { informationFractions: [0.3, 0.6, 0.7, 2], upper: [upper[0]!, null, 9, 1] }
  expect(stagewiseInference(elsewhere, stop)).toEqual(plain)
  const lower = [0, 1, 1.5]
  const advice = { informationFractions, upper, lower, isBinding: false }
  expect(stagewiseInference(advice, stop)).toEqual(plain)
  expect(stagewiseInference({ ...advice, isBinding: true }, stop).pValue).toBeLessThan(plain.pValue)
})

describe('repeated intervals', () => {
  it('leave 0 exactly where a bound is crossed', () => {
    const looks = boundaries.upper.map((bound) => ({ estimate: bound! * 0.2, standardError: 0.2 }))
    for (const { level, lower } of repeatedIntervals(boundaries, looks)) {
      expect(level).toBe(0.95)
      expect(lower).toBeCloseTo(0, 14)
    }
  })

  it('say nothing at a look without a bound; one-sided bounds give 1 − 2 alpha', () => {
    const design = { informationFractions: [0.02, 1], sides: 1, alpha: 0.05 } as const
    const bounds = groupSequentialBoundaries({ ...design, rule: { type: 'lan-demets-obrien-fleming' } })
    const [first] = repeatedIntervals(bounds, [{ estimate: 9, standardError: 1 }])
    expect(first).toEqual({ level: 0.9, lower: Number.NEGATIVE_INFINITY, upper: Number.POSITIVE_INFINITY })
  })
})

it('refuses, with field, value and remedy', () => {
  const stop = { look: 1, estimate: 1, standardError: 1 }
  const bad = (change: object, level?: number) => () =>
    stagewiseInference(boundaries, { ...stop, ...change }, level === undefined ? {} : { level })
  expect(bad({ look: 4 })).toThrow(/look is 4: .*1 to 3/)
  expect(bad({ look: Number.NaN })).toThrow(/look is NaN/)
  expect(bad({ estimate: Number.NaN })).toThrow(/estimate is NaN: give/)
  expect(bad({ standardError: 0 })).toThrow(/standardError is 0: give/)
  expect(bad({ estimate: 1e308, standardError: 1e-308 })).toThrow(/standardError is 1e-308/)
  expect(bad({}, 95)).toThrow(/level is 95: give/)
  const many = Array.from({ length: 4 }, () => stop)
  expect(() => repeatedIntervals(boundaries, many)).toThrow(/looks has 4 estimates for 3 bounds/)
  expect(() => repeatedIntervals(boundaries, [{ estimate: 1, standardError: Number.NaN }])).toThrow(/NaN/)
})

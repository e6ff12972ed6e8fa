import { normalCdf, normalPdf } from '@fairtrial/statistics'
import { describe, expect, it } from 'vitest'
import { groupSequentialBoundaries } from './boundaries.ts'
import { conditionalPower, predictivePower } from './conditional-power.ts'

const rule = { type: 'hwang-shih-decani', gamma: -4 } as const
const oneMore = { informationFractions: [0.4, 1], upper: [2.5, 2] }
const boundaries = groupSequentialBoundaries({
  informationFractions: [0.25, 0.5, 0.75, 1],
  rule,
  sides: 2,
  alpha: 0.05,
})

describe('with one look to come', () => {
  const [t, z, drift] = [0.4, 1.4, 2.8]

  it('conditional power is a normal tail', () => {
    const expected = normalCdf((z * Math.sqrt(t) + drift * (1 - t) - 2) / Math.sqrt(1 - t))
    expect(conditionalPower(oneMore, { look: 1, z }, drift)).toBeCloseTo(expected, 14)
    const trend = conditionalPower(oneMore, { look: 1, z }, z / Math.sqrt(t))
    expect(conditionalPower(oneMore, { look: 1, z })).toBe(trend)
  })

  it('predictive power without a prior is a normal tail (Jennison & Turnbull 2000, eq. 10.6)', () => {
    const expected = normalCdf((z - 2 * Math.sqrt(t)) / Math.sqrt(1 - t))
    expect(predictivePower(oneMore, { look: 1, z })).toBeCloseTo(expected, 14)
  })
})

describe('with several looks to come', () => {
  const standing = { look: 1, z: 1.1 }

  it('predictive power is conditional power averaged over the posterior', () => {
    const prior = { mean: 1.5, variance: 0.8 }
    const precision = 1 / prior.variance + 0.25
    const mean = (prior.mean / prior.variance + standing.z * Math.sqrt(0.25)) / precision
    const sd = Math.sqrt(1 / precision)
    let average = 0
    for (let x = -8 + 1 / 32; x < 8; x += 1 / 16) {
      average += (normalPdf(x) / 16) * conditionalPower(boundaries, standing, mean + x * sd)
    }
    expect(predictivePower(boundaries, standing, prior)).toBeCloseTo(average, 8)
  })

  it('a sure prior makes it conditional power', () => {
    const sure = predictivePower(boundaries, standing, { mean: 2.8, variance: 1e-12 })
    expect(sure).toBeCloseTo(conditionalPower(boundaries, standing, 2.8), 11)
  })

  it('both rise with z', () => {
    const powers = [-1, 0, 1, 2, 3].map((z) => conditionalPower(boundaries, { look: 2, z }))
    const predicted = [-1, 0, 1, 2, 3].map((z) => predictivePower(boundaries, { look: 2, z }))
    expect(powers).toEqual(powers.toSorted((a, b) => a - b))
    expect(predicted).toEqual(predicted.toSorted((a, b) => a - b))
  })
})

it('refuses, with field, value and remedy', () => {
  expect(() => conditionalPower(oneMore, { look: 2, z: 1 })).toThrow(/look is 2: .* 1 to 1/)
  expect(() => conditionalPower(oneMore, { look: 0.5, z: 1 })).toThrow(/look is 0.5/)
  expect(() => conditionalPower(oneMore, { look: 1, z: Number.NaN })).toThrow(/z is NaN: give/)
  expect(() => conditionalPower(oneMore, { look: 1, z: 1 }, Number.NaN)).toThrow(/drift is NaN: give/)
  const standing = { look: 1, z: 1 }
  expect(() => predictivePower(oneMore, standing, { mean: Number.NaN, variance: 1 })).toThrow(/mean is NaN/)
  expect(() => predictivePower(oneMore, standing, { mean: 0, variance: 0 })).toThrow(/variance is 0: give/)
})

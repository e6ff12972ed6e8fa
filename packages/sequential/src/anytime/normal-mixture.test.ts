import { type Estimable, isEstimable, type NotEstimable, normalQuantile } from '@fairtrial/statistics'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  anytimeEstimate,
  exactTuning,
  explicitTuning,
  lyapunovMeanPath,
  meanPath,
  normalMixtureLogP,
  normalMixtureMultiplier,
} from '../index.ts'

function known<T extends object>(value: Estimable<T>): T {
  if (isEstimable(value)) return value
  throw new Error(value.notEstimable.detail)
}

const code = (value: object) =>
  'notEstimable' in value ? (value as NotEstimable).notEstimable.code : 'estimated'

const look = fc.record({
  estimate: fc.double({ min: -10, max: 10, noNaN: true }),
  standardError: fc.double({ min: 0.01, max: 10, noNaN: true }),
  n: fc.integer({ min: 1, max: 1e9 }),
})
const plan = fc.record({
  rho: fc.double({ min: 1, max: 1e6, noNaN: true }),
  alpha: fc.double({ min: 1e-6, max: 0.5, noNaN: true }),
  side: fc.constantFrom('both' as const, 'lower' as const, 'upper' as const),
})

describe('anytimeEstimate', () => {
  it('has a p-value at or below alpha exactly when zero lies outside its interval, on every side', () => {
    fc.assert(
      fc.property(look, plan, (at, options) => {
        const { interval, pValue } = known(anytimeEstimate(at, options))
        fc.pre(Math.abs(pValue / options.alpha - 1) > 1e-9)
        expect(pValue < options.alpha).toBe(interval.lower > 0 || interval.upper < 0)
      }),
      { numRuns: 1000 },
    )
  })

  it('is never narrower than a fixed test of the same error, and mirrors with the effect', () => {
    fc.assert(
      fc.property(look, plan, (at, { rho, alpha }) => {
        const both = known(anytimeEstimate(at, { rho, alpha }))
        expect(both.multiplier).toBeGreaterThan(-normalQuantile(alpha / 2))
        const mirrored = known(
          anytimeEstimate({ ...at, estimate: -at.estimate }, { rho, alpha, side: 'upper' }),
        )
        const forward = known(anytimeEstimate(at, { rho, alpha, side: 'lower' }))
        expect(mirrored.interval.upper).toBe(-forward.interval.lower)
        expect(mirrored.logP).toBe(forward.logP)
      }),
    )
  })

  it('widens as alpha falls and narrows as units come in', () => {
    const widths = [0.2, 0.1, 0.05, 0.01, 1e-3, 1e-6].map((alpha) =>
      normalMixtureMultiplier(500, { rho: 100, alpha }),
    )
    expect(widths).toEqual([...widths].sort((a, b) => a - b))
    const halfWidths = [1, 10, 1e3, 1e5, 1e9].map(
      (n) => normalMixtureMultiplier(n, { rho: 100, alpha: 0.05 }) / Math.sqrt(n),
    )
    expect(halfWidths).toEqual([...halfWidths].sort((a, b) => b - a))
  })

  it('is the same sequence in the names of Waudby-Smith et al. and GrowthBook', () => {
    const n = 3000
    const alpha = 0.05
    const { rho } = explicitTuning({ alpha, tunedAt: 5000 })
    const theirs = 1 / Math.sqrt(rho)
    const growth = n * theirs ** 2 + 1
    const margin = Math.sqrt(((2 * growth) / (n * theirs) ** 2) * Math.log(Math.sqrt(growth) / alpha))
    expect(normalMixtureMultiplier(n, { rho, alpha }) / Math.sqrt(n)).toBeCloseTo(margin, 14)
  })

  it('says ln p where p leaves the doubles', () => {
    expect(normalMixtureLogP(100, 1e6, { rho: 1000 })).toBeCloseTo(0.5 * Math.log(1001) - 5000 / 1.001, 9)
    const oneSided = normalMixtureLogP(100, 1e6, { rho: 1000, side: 'lower' })
    expect(oneSided).toBeCloseTo(0.5 * Math.log(1001) - Math.log(2) - 5000 / 1.001, 9)
  })

  it('FAULTS 43 and 44: without units or spread it is not yet a number, and never p = 0 or 1', () => {
    const options = { rho: 100, alpha: 0.05 }
    expect(code(anytimeEstimate({ estimate: 0, standardError: 1, n: 0 }, options))).toBe('no-data')
    expect(code(anytimeEstimate({ estimate: 0, standardError: 0, n: 9 }, options))).toBe('zero-variance')
    expect(code(anytimeEstimate({ estimate: Number.NaN, standardError: 1, n: 9 }, options))).toBe(
      'non-finite',
    )
    expect(code(anytimeEstimate({ estimate: 1, standardError: Number.NaN, n: 9 }, options))).toBe(
      'non-finite',
    )
    expect(code(anytimeEstimate({ estimate: 1e308, standardError: 1e-9, n: 9 }, options))).toBe('non-finite')
    expect(code(anytimeEstimate({ estimate: 1, standardError: 1e308, n: 1 }, options))).toBe('non-finite')
  })

  it('throws at a plan that is none, with the remedy', () => {
    const at = { estimate: 1, standardError: 1, n: 9 }
    expect(() => anytimeEstimate(at, { rho: 100, alpha: 5 })).toThrow(/give 0.05 for 95 %/)
    expect(() => anytimeEstimate(at, { rho: 0, alpha: 0.05 })).toThrow(/explicitTuning/)
    expect(() => explicitTuning({ alpha: 0.05, tunedAt: 0 })).toThrow(/number of units/)
  })
})

describe('exactTuning', () => {
  it('is the rho at which the boundary is narrowest at the size it is tuned for', () => {
    for (const alpha of [1e-9, 0.001, 0.05, 0.3, 0.9]) {
      const { rho } = exactTuning({ alpha, tunedAt: 1000 })
      const width = (factor: number) => normalMixtureMultiplier(1000, { rho: rho * factor, alpha })
      expect(width(1)).toBeLessThan(width(1.01))
      expect(width(1)).toBeLessThan(width(0.99))
      expect(explicitTuning({ alpha, tunedAt: 1000 }).rho / rho).toBeLessThan(2)
    }
  })
})

describe('meanPath', () => {
  it('is empty before two values and bounds the side it is asked to', () => {
    const options = { rho: 10, alpha: 0.05 }
    expect(meanPath([1], options)).toEqual({ fromN: 2, lower: [], upper: [] })
    const path = meanPath([1, 2, 4], { ...options, side: 'lower' })
    expect(path.upper).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY])
    expect(path.lower).toHaveLength(2)
  })
})

describe('lyapunovMeanPath', () => {
  it('is the mean path with the variance for its clock, and never a point while nothing has varied', () => {
    const values = [1, 2, 4, 3, 7]
    const options = { rho: 10, alpha: 0.05 }
    const path = lyapunovMeanPath(values, options)
    // n s² = 5 · 5.3 at the last of five values.
    const reach = (normalMixtureMultiplier(26.5, options) * Math.sqrt(26.5)) / 5
    expect(path.upper.at(-1)).toBeCloseTo(3.4 + reach, 12)
    const start = lyapunovMeanPath([1, 1], options)
    const nearly = lyapunovMeanPath([1, 1 + 1e-7], options)
    expect(start.upper[0]).toBeCloseTo(nearly.upper[0]!, 6)
    expect(start.upper[0]).toBeGreaterThan(1)
    const below = lyapunovMeanPath([1, 1], { ...options, side: 'lower' })
    expect(below.upper[0]).toBe(Number.POSITIVE_INFINITY)
    expect(below.lower[0]).toBeCloseTo(
      lyapunovMeanPath([1, 1 + 1e-7], { ...options, side: 'lower' }).lower[0]!,
      6,
    )
    expect(() => lyapunovMeanPath([1, 1], { rho: 0, alpha: 0.05 })).toThrow(/rho is 0/)
  })
})

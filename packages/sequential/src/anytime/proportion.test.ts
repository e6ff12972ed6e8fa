import { type Estimable, isEstimable, type NotEstimable } from '@fairtrial/statistics'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anytimeProportion, explicitTuning } from '../index.ts'

function known<T extends object>(value: Estimable<T>): T {
  if (isEstimable(value)) return value
  throw new Error(value.notEstimable.detail)
}

const code = (value: object) =>
  'notEstimable' in value ? (value as NotEstimable).notEstimable.code : 'estimated'

const plan = fc.record({
  rho: fc.double({ min: 0.1, max: 1e6, noNaN: true }),
  alpha: fc.double({ min: 1e-12, max: 0.5, noNaN: true }),
})
const sample = fc
  .tuple(fc.integer({ min: 1, max: 1e9 }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([n, share]) => ({ n, successes: Math.round(n * share ** 4) }))

describe('anytimeProportion', () => {
  it('holds the proportion strictly inside, or an end where all units are alike', () => {
    fc.assert(
      fc.property(sample, plan, ({ n, successes }, options) => {
        const { interval, proportion } = known(anytimeProportion({ n, successes }, options))
        if (successes === 0) expect(interval.lower).toBe(0)
        else expect(interval.lower).toBeLessThan(proportion)
        if (successes === n) expect(interval.upper).toBe(1)
        else expect(interval.upper).toBeGreaterThan(proportion)
        expect(interval.lower).toBeGreaterThanOrEqual(0)
        expect(interval.upper).toBeLessThanOrEqual(1)
      }),
      { numRuns: 500 },
    )
  })

  it('mirrors when successes and failures change places, and widens as alpha falls', () => {
    fc.assert(
      fc.property(sample, plan, ({ n, successes }, { rho, alpha }) => {
        const { interval } = known(anytimeProportion({ n, successes }, { rho, alpha }))
        const mirrored = known(anytimeProportion({ n, successes: n - successes }, { rho, alpha })).interval
        expect(mirrored.lower).toBeCloseTo(1 - interval.upper, 9)
        expect(mirrored.upper).toBeCloseTo(1 - interval.lower, 9)
        const wider = known(anytimeProportion({ n, successes }, { rho, alpha: alpha / 3 })).interval
        expect(wider.lower).toBeLessThanOrEqual(interval.lower)
        expect(wider.upper).toBeGreaterThanOrEqual(interval.upper)
      }),
    )
  })

  it('shrinks as units come in', () => {
    const options = { ...explicitTuning({ alpha: 0.05, tunedAt: 1000 }), alpha: 0.05 }
    const widths = [1e2, 1e3, 1e4, 1e6, 1e9].map((n) => {
      const { interval } = known(anytimeProportion({ n, successes: n * 0.05 }, options))
      return interval.upper - interval.lower
    })
    expect(widths).toEqual([...widths].sort((a, b) => b - a))
  })

  // mpmath 1.3.0, 50 digits: roots of the beta-binomial mixture of Howard et al. 2021.
  it.each([
    { successes: 1, n: 1, rho: 50, alpha: 0.05, lower: 0, upper: 1 },
    {
      successes: 3,
      n: 1000000000,
      rho: 10000,
      alpha: 0.01,
      lower: 4.4728453902005575e-13,
      upper: 2.1569828980399344e-8,
    },
    { successes: 1000000000, n: 1000000000, rho: 2000, alpha: 1e-9, lower: 0.99999997927619073, upper: 1 },
    {
      successes: 499999000,
      n: 1000000000,
      rho: 100000,
      alpha: 0.05,
      lower: 0.49993734888487519,
      upper: 0.50006065111514309,
    },
    {
      successes: 7,
      n: 2000,
      rho: 0.5,
      alpha: 0.001,
      lower: 4.2876275582443492e-5,
      upper: 0.01808356855190952,
    },
  ])('has the digits of an independent computation: %j', ({ successes, n, rho, alpha, lower, upper }) => {
    const { interval } = known(anytimeProportion({ successes, n }, { rho, alpha }))
    expect(Math.abs(interval.lower - lower)).toBeLessThanOrEqual(1e-11 * lower)
    expect(Math.abs(interval.upper - upper)).toBeLessThanOrEqual(1e-11 * upper)
  })

  it('FAULTS 43: without units, or with a sample that is none, it says so', () => {
    const options = { rho: 100, alpha: 0.05 }
    expect(code(anytimeProportion({ successes: 0, n: 0 }, options))).toBe('no-data')
    expect(code(anytimeProportion({ successes: 3, n: 2 }, options))).toBe('not-applicable')
    expect(code(anytimeProportion({ successes: -1, n: 2 }, options))).toBe('not-applicable')
    expect(code(anytimeProportion({ successes: Number.NaN, n: 2 }, options))).toBe('non-finite')
    expect(code(anytimeProportion({ successes: 1, n: Number.POSITIVE_INFINITY }, options))).toBe('non-finite')
    expect(() => anytimeProportion({ successes: 1, n: 2 }, { rho: 0, alpha: 0.05 })).toThrow(/rho is 0/)
    expect(() => anytimeProportion({ successes: 1, n: 2 }, { rho: 1, alpha: 1 })).toThrow(/alpha is 1/)
  })
})

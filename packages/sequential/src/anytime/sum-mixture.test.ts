import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { logMixture, mixtureBound, type SumMixture } from '../index.ts'

const positive = (min: number, max: number) => fc.double({ min, max, noNaN: true })
const rho = positive(0.5, 1e4)
const mixture: fc.Arbitrary<SumMixture> = fc.oneof(
  fc.record({ type: fc.constant('normal' as const), rho, sides: fc.constantFrom(1 as const, 2 as const) }),
  fc.record({ type: fc.constant('gamma-exponential' as const), rho, scale: positive(0.01, 20) }),
  fc.record({ type: fc.constant('gamma-poisson' as const), rho, scale: positive(0.01, 20) }),
  fc.record({
    type: fc.constant('beta-binomial' as const),
    rho,
    below: positive(0.01, 2),
    above: positive(0.01, 2),
    sides: fc.constantFrom(1 as const, 2 as const),
  }),
)
const alpha = positive(1e-12, 0.5)
const time = positive(0.1, 1e6)

describe('mixtureBound', () => {
  it('is where the evidence reaches 1/α, or as far as the steps can carry the sum', () => {
    fc.assert(
      fc.property(mixture, time, alpha, (by, v, error) => {
        const bound = mixtureBound(v, by, error)
        const evidence = logMixture(bound, v, by)
        if (by.type === 'beta-binomial' && bound === v / by.below)
          expect(evidence).toBeLessThanOrEqual(-Math.log(error))
        else expect(evidence).toBeCloseTo(-Math.log(error), 6)
      }),
    )
  })

  it('rises with time and falls with alpha; per unit of time it shrinks', () => {
    fc.assert(
      fc.property(mixture, time, alpha, (by, v, error) => {
        const bound = mixtureBound(v, by, error)
        expect(mixtureBound(2 * v, by, error)).toBeGreaterThanOrEqual(bound * (1 - 1e-9))
        expect(mixtureBound(v, by, error / 2)).toBeGreaterThanOrEqual(bound * (1 - 1e-9))
        expect(mixtureBound(2 * v, by, error) / 2).toBeLessThanOrEqual(bound * (1 + 1e-9))
      }),
    )
  })

  it('knows no units: a sum in other units has the bound in those units', () => {
    fc.assert(
      fc.property(mixture, time, alpha, positive(1e-3, 1e3), (by, v, error, k) => {
        const scaled = {
          ...by,
          rho: by.rho * k * k,
          ...('scale' in by ? { scale: by.scale * k } : {}),
          ...('below' in by ? { below: by.below * k, above: by.above * k } : {}),
        } as SumMixture
        expect(mixtureBound(v * k * k, scaled, error) / (k * mixtureBound(v, by, error))).toBeCloseTo(1, 7)
      }),
    )
  })

  it('comes down to the normal mixture as the steps get small, through the expansion for large shapes', () => {
    const normal = mixtureBound(1e6, { type: 'normal', rho: 1e5, sides: 1 }, 0.05)
    for (const type of ['gamma-exponential', 'gamma-poisson'] as const) {
      const apart = [1, 0.1, 0.01].map(
        (scale) => mixtureBound(1e6, { type, rho: 1e5, scale }, 0.05) / normal - 1,
      )
      expect(apart[0]! / apart[1]!).toBeCloseTo(10, 1)
      expect(apart[1]! / apart[2]!).toBeCloseTo(10, 1)
    }
  })

  // mpmath 1.3.0, 50 digits, root of the formulas of Howard et al. 2021 as printed there.
  it.each([
    {
      by: { type: 'gamma-exponential', rho: 2, scale: 5 },
      v: 0.3,
      error: 1e-8,
      expected: 94.298556928513912,
    },
    { by: { type: 'gamma-poisson', rho: 2, scale: 5 }, v: 0.3, error: 1e-8, expected: 29.68495888378715 },
    {
      by: { type: 'gamma-exponential', rho: 100, scale: 1 },
      v: 1000,
      error: 0.05,
      expected: 90.524877550994306,
    },
    { by: { type: 'gamma-poisson', rho: 100, scale: 1 }, v: 1000, error: 0.05, expected: 89.145375657411778 },
    {
      by: { type: 'gamma-exponential', rho: 0.7, scale: 0.25 },
      v: 400,
      error: 0.001,
      expected: 88.71838914069515,
    },
    {
      by: { type: 'gamma-poisson', rho: 0.7, scale: 0.25 },
      v: 400,
      error: 0.001,
      expected: 87.294331796960617,
    },
    {
      by: { type: 'beta-binomial', rho: 20, below: 0.001, above: 0.999, sides: 1 },
      v: 500,
      error: 0.01,
      expected: 77.826581905008053,
    },
    {
      by: { type: 'beta-binomial', rho: 1000, below: 1.5, above: 0.2, sides: 2 },
      v: 50,
      error: 1e-6,
      expected: 33.333333333333333,
    },
    {
      by: { type: 'beta-binomial', rho: 0.1, below: 0.5, above: 0.5, sides: 1 },
      v: 5,
      error: 0.2,
      expected: 8.4527519442614582,
    },
  ])('has the digits of an independent computation: %j', ({ by, v, error, expected }) => {
    expect(Math.abs(mixtureBound(v, by as SumMixture, error) / expected - 1)).toBeLessThan(1e-12)
  })

  it('holds from time 0 and at an alpha near the smallest double', () => {
    for (const type of ['gamma-exponential', 'gamma-poisson'] as const) {
      const by = { type, rho: 10, scale: 1 }
      expect(mixtureBound(0, by, 0.05)).toBeGreaterThan(0)
      expect(mixtureBound(100, by, 1e-300)).toBeGreaterThan(mixtureBound(100, by, 1e-200))
      expect(mixtureBound(100, by, 1e-300)).toBeLessThan(1e4)
    }
    expect(mixtureBound(0, { type: 'beta-binomial', rho: 10, below: 1, above: 1 }, 0.05)).toBe(0)
  })
})

describe('logMixture', () => {
  it('is an e-value: with steps of chance p it grows by a factor of mean 1', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 500 }),
        fc.integer({ min: 0, max: 500 }),
        positive(0.01, 0.99),
        rho,
        fc.constantFrom(1 as const, 2 as const),
        (ups, downs, p, tuned, sides) => {
          // Up by 1 − p with chance p, down by p else: p (1 − p) of intrinsic time a step.
          const by = { type: 'beta-binomial' as const, rho: tuned, below: p, above: 1 - p, sides }
          const at = (up: number, down: number) =>
            logMixture(up * (1 - p) - down * p, (up + down) * p * (1 - p), by)
          const growth =
            p * Math.exp(at(ups + 1, downs) - at(ups, downs)) +
            (1 - p) * Math.exp(at(ups, downs + 1) - at(ups, downs))
          expect(growth).toBeCloseTo(1, 8)
        },
      ),
    )
  })

  it('is an e-value for Poisson counts, too', () => {
    const mean = 3
    let total = 0
    let chance = Math.exp(-mean)
    for (let k = 0; k < 200; k++) {
      total += chance * Math.exp(logMixture(k - mean, mean, { type: 'gamma-poisson', rho: 5, scale: 1 }))
      chance *= mean / (k + 1)
    }
    expect(total).toBeCloseTo(1, 10)
  })

  it('is nothing for a sum that steps of this kind cannot reach', () => {
    expect(logMixture(-200, 10, { type: 'gamma-poisson', rho: 10, scale: 1 })).toBe(Number.NEGATIVE_INFINITY)
    expect(logMixture(-200, 10, { type: 'gamma-exponential', rho: 10, scale: 1 })).toBe(
      Number.NEGATIVE_INFINITY,
    )
    expect(logMixture(20, 10, { type: 'beta-binomial', rho: 10, below: 1, above: 1 })).toBe(
      Number.NEGATIVE_INFINITY,
    )
  })

  it('throws at what no plan says, with the remedy', () => {
    expect(() => mixtureBound(1, { type: 'normal', rho: 0 }, 0.05)).toThrow(/rho is 0: take it from/)
    expect(() => mixtureBound(-1, { type: 'normal', rho: 1 }, 0.05)).toThrow(/intrinsicTime is -1/)
    expect(() => mixtureBound(1e200, { type: 'normal', rho: 1 }, 0.05)).toThrow(/choose units/)
    expect(() => mixtureBound(1, { type: 'normal', rho: 1 }, 0)).toThrow(/alpha is 0/)
    expect(() => mixtureBound(1, { type: 'gamma-poisson', rho: 1, scale: 0 }, 0.05)).toThrow(/scale is 0/)
    expect(() => logMixture(Number.NaN, 1, { type: 'normal', rho: 1 })).toThrow(/sum is NaN/)
    expect(() => logMixture(0, 1, { type: 'normal', rho: 1, sides: 3 as 1 })).toThrow(/sides is 3/)
    expect(() => logMixture(0, 1, { type: 'beta-binomial', rho: 1, below: -1, above: 1 })).toThrow(
      /below is -1/,
    )
  })
})

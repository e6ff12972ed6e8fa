import { type Estimable, isEstimable, type NotEstimable } from '@fairtrial/statistics'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  anytimeAnyQuantile,
  anytimeQuantile,
  doubleStitchingBound,
  explicitTuning,
  quantileRankExcess,
  quantileTest,
} from '../index.ts'

function known<T extends object>(value: Estimable<T>): T {
  if (isEstimable(value)) return value
  throw new Error(value.notEstimable.detail)
}

const code = (value: object) =>
  'notEstimable' in value ? (value as NotEstimable).notEstimable.code : 'estimated'

const options = { ...explicitTuning({ alpha: 0.05, tunedAt: 100 }), alpha: 0.05 }
const p = fc.double({ min: 0.01, max: 0.99, noNaN: true })
const values = fc
  .array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 300 })
  .map((each) => Float64Array.from(each).sort())

describe('anytimeQuantile', () => {
  it('is two of the values around the quantile, or open, and moves with them', () => {
    fc.assert(
      fc.property(values, p, fc.integer({ min: 1, max: 9 }), (sorted, at, k) => {
        const { interval, quantile } = known(anytimeQuantile(sorted, at, options))
        expect(interval.lower).toBeLessThanOrEqual(quantile)
        expect(interval.upper).toBeGreaterThanOrEqual(quantile)
        for (const end of [interval.lower, interval.upper]) {
          expect(Number.isFinite(end) ? sorted.includes(end) : true).toBe(true)
        }
        const moved = known(
          anytimeQuantile(
            sorted.map((each) => k * each + 7),
            at,
            options,
          ),
        ).interval
        expect(moved.lower).toBe(k * interval.lower + 7)
        expect(moved.upper).toBe(k * interval.upper + 7)
      }),
    )
  })

  it('shrinks with n; for all quantiles at once it is wider, and widens as alpha falls', () => {
    const width = (n: number, of: typeof anytimeQuantile | typeof anytimeAnyQuantile, alpha = 0.05) => {
      const sorted = Array.from({ length: n }, (_, i) => i / n)
      const { interval } = known(of(sorted, 0.9, { ...options, alpha, tunedAt: 100 }))
      return interval.upper - interval.lower
    }
    expect(width(1000, anytimeQuantile)).toBeGreaterThan(width(10_000, anytimeQuantile))
    expect(width(10_000, anytimeAnyQuantile)).toBeGreaterThan(width(10_000, anytimeQuantile))
    expect(width(10_000, anytimeAnyQuantile)).toBeGreaterThan(width(100_000, anytimeAnyQuantile))
    expect(width(10_000, anytimeQuantile, 1e-4)).toBeGreaterThan(width(10_000, anytimeQuantile))
  })

  it('bounds a quantile by the last value only where all lie below it by a chance of less than its error', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), p, (n, at) => {
        const sorted = Array.from({ length: n }, (_, i) => i)
        const { interval } = known(anytimeQuantile(sorted, at, options))
        if (interval.upper === n - 1) expect(at ** n).toBeLessThanOrEqual(0.025)
        if (interval.lower === 0) expect((1 - at) ** n).toBeLessThanOrEqual(0.025)
        const any = known(anytimeAnyQuantile(sorted, at, { alpha: 0.05, tunedAt: 30 })).interval
        if (any.upper === n - 1) expect(at ** n).toBeLessThanOrEqual(0.025)
      }),
      { numRuns: 1000 },
    )
  })

  it('has as many values of slack below 1 − p as above p', () => {
    const [high, low] = [0.99, 0.01].map((at) => quantileRankExcess(5000, at, options))
    expect(high!.above).toBeCloseTo(low!.below, 9)
    expect(high!.below).toBeCloseTo(low!.above, 9)
    // Never more slack than there are values.
    expect(quantileRankExcess(10, 0.99, options).above).toBeCloseTo(0.1, 12)
  })

  it('FAULTS 43: no value is no quantile, and one value bounds nothing', () => {
    expect(code(anytimeQuantile([], 0.5, options))).toBe('no-data')
    expect(code(anytimeQuantile([1, Number.NaN], 0.5, options))).toBe('non-finite')
    expect(code(anytimeQuantile([1, Number.POSITIVE_INFINITY], 0.5, options))).toBe('non-finite')
    expect(known(anytimeQuantile([3], 0.5, options)).interval).toEqual({
      level: 0.95,
      lower: Number.NEGATIVE_INFINITY,
      upper: Number.POSITIVE_INFINITY,
    })
    expect(() => anytimeQuantile([2, 1], 0.5, options)).toThrow(/sort them/)
    expect(() => anytimeQuantile([1], 1, options)).toThrow(/p is 1/)
    expect(() => quantileRankExcess(0, 0.5, options)).toThrow(/n is 0/)
    expect(() => doubleStitchingBound(10, 0.5, { alpha: 0.05, tunedAt: 10, eta: 1 })).toThrow(/eta is 1/)
  })
})

describe('quantileTest', () => {
  it('does not mind which arm is which, nor any stretching of the scale', () => {
    fc.assert(
      fc.property(values, values, p, (control, treatment, at) => {
        const plain = known(quantileTest(control, treatment, at, options))
        expect(known(quantileTest(treatment, control, at, options)).logEValue).toBeCloseTo(plain.logEValue, 9)
        const stretch = (sorted: Float64Array) => sorted.map((each) => Math.exp(each / 10))
        const stretched = known(quantileTest(stretch(control), stretch(treatment), at, options))
        expect(stretched.logEValue).toBeCloseTo(plain.logEValue, 9)
      }),
    )
  })

  it('is the least evidence over every common value, looked for one by one', () => {
    fc.assert(
      fc.property(values, values, p, (control, treatment, at) => {
        const evidence = (sorted: Float64Array, value: number) => {
          const shares: number[] = []
          const [least, most] = [
            sorted.filter((v) => v < value).length,
            sorted.filter((v) => v <= value).length,
          ]
          // A mass on the value leaves every share between open, in ever finer steps.
          for (let i = 0; i <= 60; i++) shares.push((least + ((most - least) * i) / 60) / sorted.length)
          return Math.min(
            ...shares.map((share) => {
              const n = sorted.length
              return betaBinomialEvidence(n * share, n * (1 - share), at)
            }),
          )
        }
        let least = Number.POSITIVE_INFINITY
        for (let value = -50.5; value <= 50.5; value += 0.5) {
          least = Math.min(least, evidence(control, value) + evidence(treatment, value))
        }
        const { logEValue } = known(quantileTest(control, treatment, at, options))
        expect(logEValue).toBeLessThanOrEqual(least + 1e-9)
        expect(logEValue).toBeGreaterThan(least - 0.05)
      }),
      { numRuns: 12 },
    )
  })

  it('tells a 90th percentile that moved, carries the smallest p, and stays silent on equal arms', () => {
    const control = Array.from({ length: 2000 }, (_, i) => i)
    const treatment = control.map((value) => (value > 1500 ? value * 1.2 : value))
    const moved = known(quantileTest(control, treatment, 0.9, options))
    expect(moved.pValue).toBeLessThan(1e-6)
    expect(known(quantileTest(control, treatment, 0.5, options)).pValue).toBe(1)
    const later = known(quantileTest(control, control, 0.9, { ...options, previousLogP: moved.logP }))
    expect(later.logP).toBe(moved.logP)
    expect(later.logEValue).toBeLessThan(0)
  })

  it('FAULTS 43: an arm without values is typed, one that is not sorted refused', () => {
    expect(code(quantileTest([], [1], 0.5, options))).toBe('no-data')
    expect(code(quantileTest([1], [Number.NaN], 0.5, options))).toBe('non-finite')
    expect(known(quantileTest([1], [2], 0.5, options)).pValue).toBe(1)
    expect(() => quantileTest([1], [2, 1], 0.5, options)).toThrow(/treatment's values have 1 after 2/)
  })
})

/** The mixture by the textbook form, in which the prior has its weight in units. */
function betaBinomialEvidence(successes: number, failures: number, share: number): number {
  const [a, b] = [(options.rho - 1) * share, (options.rho - 1) * (1 - share)]
  return (
    logBetaOf(a + successes, b + failures) -
    logBetaOf(a, b) -
    successes * Math.log(share) -
    failures * Math.log(1 - share)
  )
}

/** ln B by Lanczos-free recurrence up to 40, then Stirling's series. */
function logBetaOf(a: number, b: number): number {
  const logGammaOf = (x: number) => {
    let shift = 0
    let z = x
    while (z < 40) shift -= Math.log(z++)
    return (
      shift + (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * z) - 1 / (360 * z ** 3)
    )
  }
  return logGammaOf(a) + logGammaOf(b) - logGammaOf(a + b)
}

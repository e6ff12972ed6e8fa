import { type Estimable, isEstimable, type NotEstimable } from '@fairtrial/statistics'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rareEventTest } from '../index.ts'

function known<T extends object>(value: Estimable<T>): T {
  if (isEstimable(value)) return value
  throw new Error(value.notEstimable.detail)
}

const code = (value: object) =>
  'notEstimable' in value ? (value as NotEstimable).notEstimable.code : 'estimated'

const count = fc.record({
  events: fc.integer({ min: 0, max: 1e6 }),
  exposure: fc.double({ min: 0.01, max: 1e9, noNaN: true }),
})
const alpha = fc.double({ min: 1e-9, max: 0.5, noNaN: true })
const side = fc.constantFrom('both' as const, 'lower' as const, 'upper' as const)

describe('rareEventTest', () => {
  it('excludes exactly the ratios whose p-value is at or below alpha', () => {
    fc.assert(
      fc.property(
        count,
        count,
        alpha,
        side,
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        (control, treatment, error, towards, nullRatio) => {
          const { interval, pValue } = known(
            rareEventTest(control, treatment, { alpha: error, side: towards, nullRatio }),
          )
          fc.pre(Math.abs(Math.log(pValue / error)) > 1e-6)
          expect(pValue < error).toBe(nullRatio < interval.lower || nullRatio > interval.upper)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('is an e-value from the first event on: it grows by a factor of mean 1 under the tested ratio', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 300 }),
        fc.integer({ min: 0, max: 300 }),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        side,
        (y, x, ratio, towards) => {
          const at = (inControl: number, inTreatment: number) =>
            known(
              rareEventTest(
                { events: inControl, exposure: 1 },
                { events: inTreatment, exposure: ratio },
                { alpha: 0.05, side: towards, prior: [0.7, 2] },
              ),
            ).logEValue
          const now = at(y, x)
          const share = ratio / (1 + ratio)
          const growth = share * Math.exp(at(y, x + 1) - now) + (1 - share) * Math.exp(at(y + 1, x) - now)
          expect(growth).toBeCloseTo(1, 8)
        },
      ),
    )
  })

  it('turns over when the arms change places, and knows no units of exposure', () => {
    fc.assert(
      fc.property(count, count, alpha, fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (a, b, error, k) => {
        const plain = known(rareEventTest(a, b, { alpha: error }))
        const turned = known(rareEventTest(b, a, { alpha: error }))
        expect(turned.logEValue).toBeCloseTo(plain.logEValue, 6)
        if (plain.interval.lower > 0) expect(turned.interval.upper * plain.interval.lower).toBeCloseTo(1, 8)
        const scaled = known(
          rareEventTest(
            { ...a, exposure: a.exposure * k },
            { ...b, exposure: b.exposure * k },
            { alpha: error },
          ),
        )
        expect(Math.abs(scaled.logEValue - plain.logEValue)).toBeLessThan(1e-7 * (1 + plain.logEValue ** 2))
      }),
    )
  })

  it('FEATURES F6: finds a crash that doubled from two integers, and remembers it', () => {
    const options = { alpha: 0.05, side: 'lower' as const }
    const early = known(
      rareEventTest({ events: 3, exposure: 10_000 }, { events: 4, exposure: 10_000 }, options),
    )
    expect(early.pValue).toBeGreaterThan(0.3)
    const late = known(
      rareEventTest({ events: 30, exposure: 100_000 }, { events: 63, exposure: 100_000 }, options),
    )
    expect(late.interval.lower).toBeGreaterThan(1)
    expect(late.pValue).toBeLessThan(0.05)
    const calm = known(
      rareEventTest(
        { events: 99, exposure: 1 },
        { events: 99, exposure: 1 },
        { ...options, previousLogP: late.logP },
      ),
    )
    expect(calm.logP).toBe(late.logP)
    expect(calm.logEValue).toBeLessThan(0)
  })

  it('one side needs less evidence than both, and a margin more than none', () => {
    const [control, treatment] = [
      { events: 30, exposure: 1 },
      { events: 63, exposure: 1 },
    ]
    const p = (options: object) =>
      known(rareEventTest(control, treatment, { alpha: 0.05, ...options })).pValue
    expect(p({ side: 'lower' })).toBeLessThan(p({}))
    expect(p({ side: 'upper' })).toBe(1)
    expect(p({ side: 'lower', nullRatio: 1.2 })).toBeGreaterThan(p({ side: 'lower' }))
  })

  // mpmath 1.3.0, 60 digits, of the textbook form with ln Γ.
  it.each([
    {
      control: 1000000000,
      treatment: 1000100000,
      exposure: 1,
      alpha: 0.05,
      logE: -8.6167458164861492,
      lower: 0.99986241955402209,
      upper: 1.000337636899154,
    },
    {
      control: 4,
      treatment: 2000000,
      exposure: 1e5,
      alpha: 1e-6,
      logE: 2.9287280978880631,
      lower: 0.6083682264604513,
      upper: 2251.7435566523544,
    },
    {
      control: 123456,
      treatment: 130000,
      exposure: 1,
      alpha: 0.01,
      logE: 77.897709073387573,
      lower: 1.0333907981681025,
      upper: 1.0729982981746312,
    },
  ])('keeps its digits with a thousand million events: %j', (row) => {
    const { logEValue, interval } = known(
      rareEventTest(
        { events: row.control, exposure: 1 },
        { events: row.treatment, exposure: row.exposure },
        { alpha: row.alpha, prior: [2, 0.5] },
      ),
    )
    expect(Math.abs(logEValue / row.logE - 1)).toBeLessThan(1e-10)
    expect(Math.abs(interval.lower / row.lower - 1)).toBeLessThan(1e-11)
    expect(Math.abs(interval.upper / row.upper - 1)).toBeLessThan(1e-11)
  })

  it('FAULTS 43: no events are no evidence, an arm without them bounds one side, broken counts are typed', () => {
    const one = { events: 5, exposure: 1 }
    const none = { events: 0, exposure: 1 }
    const options = { alpha: 0.05 }
    expect(known(rareEventTest(none, none, options))).toMatchObject({
      events: 0,
      rateRatio: undefined,
      logEValue: 0,
      logP: 0,
      interval: { lower: 0, upper: Number.POSITIVE_INFINITY },
    })
    expect(known(rareEventTest(none, one, options))).toMatchObject({
      rateRatio: Number.POSITIVE_INFINITY,
      interval: { upper: Number.POSITIVE_INFINITY },
    })
    expect(known(rareEventTest(none, one, options)).interval.lower).toBeGreaterThan(0)
    expect(known(rareEventTest(one, none, options)).interval.lower).toBe(0)
    expect(code(rareEventTest({ events: Number.NaN, exposure: 1 }, one, options))).toBe('non-finite')
    expect(code(rareEventTest({ events: -1, exposure: 1 }, one, options))).toBe('not-applicable')
    expect(code(rareEventTest({ events: 1.5, exposure: 1 }, one, options))).toBe('not-applicable')
    expect(code(rareEventTest({ events: 1, exposure: 0 }, one, options))).toBe('no-data')
    expect(
      code(rareEventTest({ events: 1, exposure: 1e-300 }, { events: 1, exposure: 1e300 }, options)),
    ).toBe('non-finite')
    expect(() => rareEventTest(one, one, { alpha: 0.05, prior: [0, 1] })).toThrow(/prior\[0\] is 0/)
    expect(() => rareEventTest(one, one, { alpha: 0.05, nullRatio: -1 })).toThrow(/nullRatio is -1/)
    expect(() => rareEventTest(one, one, { alpha: 5 })).toThrow(/alpha is 5/)
  })
})

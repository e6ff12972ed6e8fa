import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  deltaLift,
  type Estimable,
  fiellerLift,
  isEstimable,
  type NotEstimable,
  logRatioLift,
} from './index.ts'

function known<T extends object>(value: Estimable<T>): T {
  if (isEstimable(value)) return value
  throw new Error(value.notEstimable.detail)
}

const code = (value: object) =>
  'notEstimable' in value ? (value as NotEstimable).notEstimable.code : 'estimated'
const mean = fc.record({
  mean: fc.double({ min: -100, max: 100, noNaN: true }).filter((m) => Math.abs(m) > 1e-3),
  variance: fc.double({ min: 1e-6, max: 100, noNaN: true }),
})

describe('fiellerLift', () => {
  it('tells the three kinds of set apart', () => {
    const kind = (controlVariance: number, treatmentMean: number) =>
      known(fiellerLift({ mean: 1, variance: controlVariance }, { mean: treatmentMean, variance: 1 })).kind
    expect(kind(0.01, 5)).toBe('interval')
    expect(kind(1, 5)).toBe('complement')
    expect(kind(1, 1)).toBe('whole-line')
  })

  it('holds exactly the lifts that the data do not reject', () => {
    fc.assert(
      fc.property(mean, mean, fc.double({ min: -5, max: 5, noNaN: true }), (control, treatment, lift) => {
        const set = known(fiellerLift(control, treatment))
        const sign = Math.sign(control.mean)
        const ratio = 1 + sign * lift
        const gap = treatment.mean - ratio * control.mean
        const chi = gap ** 2 / (treatment.variance + ratio ** 2 * control.variance)
        fc.pre(Math.abs(chi - 3.841458820694124) > 1e-6)
        const isHeld =
          set.kind === 'whole-line' ||
          (set.kind === 'interval'
            ? lift >= set.lower && lift <= set.upper
            : lift <= set.lower || lift >= set.upper)
        expect(isHeld).toBe(chi < 3.841458820694124)
      }),
      { numRuns: 500 },
    )
  })
})

describe('relative effects', () => {
  it('do not care for the unit of measurement', () => {
    fc.assert(
      fc.property(mean, mean, fc.integer({ min: -400, max: 400 }), (control, treatment, exponent) => {
        const factor = 2 ** exponent
        const at = (m: { mean: number; variance: number }) => ({
          mean: m.mean * factor,
          variance: m.variance * factor * factor,
        })
        expect(fiellerLift(at(control), at(treatment))).toEqual(fiellerLift(control, treatment))
        expect(deltaLift(at(control), at(treatment))).toEqual(deltaLift(control, treatment))
      }),
    )
  })

  it('turn with the sign of both means: less of a loss is a gain', () => {
    const control = { mean: -5, variance: 0.01 }
    const treatment = { mean: -4, variance: 0.01 }
    expect(known(deltaLift(control, treatment)).lift).toBeCloseTo(0.2, 14)
    const flipped = known(fiellerLift({ ...control, mean: 5 }, { ...treatment, mean: 4 }))
    const set = known(fiellerLift(control, treatment))
    if (set.kind !== 'interval' || flipped.kind !== 'interval') throw new Error('both are intervals')
    expect([set.lower, set.upper]).toEqual([-flipped.upper, -flipped.lower])
    const log = known(logRatioLift(control, treatment))
    expect(log.lower < 0.2 && log.upper > 0.2).toBe(true)
  })

  it('are typed where there is none', () => {
    const one = { mean: 1, variance: 1 }
    for (const method of [deltaLift, fiellerLift, logRatioLift]) {
      expect(code(method({ mean: 0, variance: 1 }, one))).toBe('zero-control-mean')
      expect(code(method({ mean: Number.NaN, variance: 1 }, one))).toBe('non-finite')
      expect(code(method({ mean: 1e-308, variance: 1 }, { mean: 1e308, variance: 1 }))).toBe('non-finite')
      expect(code(method({ mean: 1, variance: 0 }, { mean: 1, variance: 0 }))).toBe('zero-variance')
    }
    expect(code(logRatioLift({ mean: -1, variance: 1 }, one))).toBe('not-applicable')
  })
})

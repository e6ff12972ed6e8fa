import {
  type Estimable,
  isEstimable,
  jointMomentsOf,
  mergeJointMoments,
  type NotEstimable,
  regressionDifference,
} from '@fairtrial/statistics'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  adjustedLook,
  anytimeEstimate,
  anytimeRegression,
  exactTuning,
  regressionTuning,
  tMixtureLogP,
  tMixtureMultiplier,
} from '../index.ts'

function known<T extends object>(value: Estimable<T>): T {
  if (isEstimable(value)) return value
  throw new Error(value.notEstimable.detail)
}

const code = (value: object) =>
  'notEstimable' in value ? (value as NotEstimable).notEstimable.code : 'estimated'

const finite = fc.double({ min: -10, max: 10, noNaN: true })
const plan = fc.record({
  rho: fc.double({ min: 0.1, max: 1e6, noNaN: true }),
  alpha: fc.double({ min: 1e-9, max: 0.5, noNaN: true }),
})
const rows = fc.array(fc.tuple(finite, finite, finite), { minLength: 4, maxLength: 20 })

describe('anytimeRegression', () => {
  it('has a p-value at or below alpha exactly when zero lies outside its interval', () => {
    fc.assert(
      fc.property(finite, fc.integer({ min: 3, max: 1e9 }), plan, (estimate, n, options) => {
        const look = { estimate, standardError: 0.7, n, coefficients: 2 }
        const { interval, pValue } = known(anytimeRegression(look, options))
        fc.pre(Math.abs(pValue / options.alpha - 1) > 1e-9)
        expect(pValue < options.alpha).toBe(interval.lower > 0 || interval.upper < 0)
      }),
      { numRuns: 500 },
    )
  })

  it('is wider than the normal mixture, and the same with many units', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 1e6 }), plan, (n, options) => {
        const look = { estimate: 1, standardError: 1, n }
        const t = known(anytimeRegression({ ...look, coefficients: 2 }, options)).multiplier
        expect(t).toBeGreaterThan(known(anytimeEstimate(look, options)).multiplier)
      }),
    )
    const look = { estimate: 1, standardError: 1, n: 1e9 }
    const options = { rho: 1e8, alpha: 0.05 }
    const t = known(anytimeRegression({ ...look, coefficients: 2 }, options)).multiplier
    expect(t / known(anytimeEstimate(look, options)).multiplier).toBeCloseTo(1, 7)
  })

  it('excludes nothing while there are too few units, and says so without a p of 1', () => {
    const now = known(
      anytimeRegression({ estimate: 9, standardError: 1, n: 20, coefficients: 2 }, { rho: 500, alpha: 0.01 }),
    )
    expect(now.interval).toMatchObject({ lower: Number.NEGATIVE_INFINITY, upper: Number.POSITIVE_INFINITY })
    expect(now.pValue).toBeGreaterThan(0.01)
    expect(now.pValue).toBeLessThan(1)
  })

  it('FAULTS 43 and 44: what is no number is typed', () => {
    const options = { rho: 10, alpha: 0.05 }
    const at = { estimate: 1, standardError: 1, n: 9, coefficients: 2 }
    expect(code(anytimeRegression({ ...at, n: 0 }, options))).toBe('no-data')
    expect(code(anytimeRegression({ ...at, n: 2 }, options))).toBe('too-few-units')
    expect(code(anytimeRegression({ ...at, standardError: 0 }, options))).toBe('zero-variance')
    expect(code(anytimeRegression({ ...at, estimate: Number.NaN }, options))).toBe('non-finite')
    expect(code(anytimeRegression({ ...at, estimate: 1e308, standardError: 1e-9 }, options))).toBe(
      'non-finite',
    )
    expect(tMixtureLogP(1e200, 50, 2, options)).toBeGreaterThan(-1e5)
    expect(tMixtureLogP(0, 50, 2, options)).toBe(0)
    expect(() => tMixtureMultiplier(2, 2, options)).toThrow(/more units than coefficients/)
    expect(() => tMixtureMultiplier(9, 1.5, options)).toThrow(/coefficients is 1.5/)
  })
})

describe('regressionTuning', () => {
  it('is the rho at which the sequence is narrowest at the size it is tuned for', () => {
    for (const alpha of [1e-6, 0.05, 0.3]) {
      for (const tunedAt of [10, 100, 1e6]) {
        const { rho } = regressionTuning({ alpha, tunedAt, coefficients: 3 })
        const width = (factor: number) => tMixtureMultiplier(tunedAt, 3, { rho: rho * factor, alpha })
        expect(width(1)).toBeLessThan(width(1.01))
        expect(width(1)).toBeLessThan(width(0.99))
      }
    }
    const many = { alpha: 0.05, tunedAt: 1e9, coefficients: 2 }
    expect(regressionTuning(many).rho / exactTuning(many).rho).toBeCloseTo(1, 6)
  })
})

describe('adjustedLook', () => {
  it('is the coefficient of a regression with one slope for both arms, merged from any parts', () => {
    fc.assert(
      fc.property(rows, rows, (control, treatment) => {
        const units = [control, treatment].flatMap((arm, i) =>
          arm.map(([value, ...covariates]) => ({ value, isTreated: i === 1, covariates })),
        )
        const fit = regressionDifference(units, { slopes: 'common' })
        fc.pre(isEstimable(fit))
        const [c, t] = [jointMomentsOf(control), jointMomentsOf(treatment)]
        const whole = adjustedLook(c, t)
        fc.pre(isEstimable(whole) && whole.coefficients === 4)
        expect(whole.estimate).toBeCloseTo(fit.difference, 6)
        const parts = mergeJointMoments(jointMomentsOf(control.slice(0, 2)), jointMomentsOf(control.slice(2)))
        expect(known(adjustedLook(parts, t)).standardError).toBeCloseTo(whole.standardError, 6)
      }),
    )
  })

  it('is the pooled t-test without covariates, and leaves out what repeats another', () => {
    const [c, t] = [
      [1, 2, 3, 4],
      [2, 4, 6, 9],
    ]
    const arm = (values: number[], columns: (value: number, i: number) => number[]) =>
      jointMomentsOf(values.map((value, i) => [value, ...columns(value, i)]))
    const plain = known(
      adjustedLook(
        arm(c, () => []),
        arm(t, () => []),
      ),
    )
    // Pooled variance (5 + 26.75) / 6.
    expect(plain.standardError).toBeCloseTo(Math.sqrt((31.75 / 6) * (1 / 4 + 1 / 4)), 14)
    expect(plain).toMatchObject({ n: 8, coefficients: 2, estimate: 2.75 })
    const columns = (_: number, i: number) => [i * i, 2 * i * i, 7]
    const adjusted = known(adjustedLook(arm(c, columns), arm(t, columns)))
    expect(adjusted.coefficients).toBe(3)
    expect(adjusted.standardError).toBeLessThan(plain.standardError)
  })

  it('FAULTS 43 and 44: arms without units or spread are typed', () => {
    const one = jointMomentsOf([[1, 2]])
    const none = jointMomentsOf([], 2)
    const constant = jointMomentsOf([
      [5, 1],
      [5, 2],
      [5, 4],
    ])
    expect(code(adjustedLook(none, one))).toBe('no-data')
    expect(code(adjustedLook(one, one))).toBe('too-few-units')
    expect(code(adjustedLook(constant, constant))).toBe('zero-variance')
    expect(code(adjustedLook(jointMomentsOf([[1e308, 1]]), jointMomentsOf([[-1e308, 1]])))).toBe('non-finite')
    expect(code(adjustedLook(jointMomentsOf([[Number.NaN, 1]]), constant))).toBe('non-finite')
    expect(() => adjustedLook(one, jointMomentsOf([[1]]))).toThrow(/the same covariates/)
  })
})

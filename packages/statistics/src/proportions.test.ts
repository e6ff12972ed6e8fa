import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  clopperPearson,
  isEstimable,
  type NotEstimable,
  sampleRatioChiSquare,
  twoProportions,
  wilson,
} from './index.ts'

const code = (value: object) =>
  'notEstimable' in value ? (value as NotEstimable).notEstimable.code : 'estimated'
const proportion = fc
  .tuple(fc.integer({ min: 1, max: 1e9 }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([n, share]) => ({ n, successes: Math.round(n * share) }))

describe('wilson', () => {
  it('stays within [0, 1], holds its proportion and turns with success and failure', () => {
    fc.assert(
      fc.property(proportion, ({ n, successes }) => {
        const interval = wilson({ n, successes })
        const mirrored = wilson({ n, successes: n - successes })
        if (!isEstimable(interval) || !isEstimable(mirrored)) throw new Error('there are units')
        expect(interval.lower).toBeGreaterThanOrEqual(0)
        expect(interval.upper).toBeLessThanOrEqual(1)
        expect(interval.lower).toBeLessThanOrEqual(interval.proportion)
        expect(interval.upper).toBeGreaterThanOrEqual(interval.proportion)
        expect(mirrored.lower).toBeCloseTo(1 - interval.upper, 14)
      }),
    )
  })
})

describe('twoProportions', () => {
  it('keeps Newcombe within [−1, 1] and mirrors when the arms are swapped', () => {
    fc.assert(
      fc.property(proportion, proportion, (control, treatment) => {
        const test = twoProportions(control, treatment)
        const mirrored = twoProportions(treatment, control)
        if (!isEstimable(test) || !isEstimable(mirrored)) throw new Error('there are units')
        expect(test.newcombe.lower).toBeGreaterThanOrEqual(-1)
        expect(test.newcombe.upper).toBeLessThanOrEqual(1)
        expect(mirrored.newcombe.lower).toBeCloseTo(-test.newcombe.upper, 14)
        if (isEstimable(test.pooled)) expect(test.pooled.pValue).toBeCloseTo(Math.exp(test.pooled.logP), 12)
      }),
    )
  })

  it('FAULTS 43 and 44: no units and equal units are typed, and the interval survives what the test cannot say', () => {
    expect(code(twoProportions({ successes: 0, n: 0 }, { successes: 1, n: 2 }))).toBe('no-data')
    const none = twoProportions({ successes: 0, n: 50 }, { successes: 0, n: 60 })
    if (!isEstimable(none)) throw new Error('there are units')
    expect(code(none.pooled)).toBe('zero-variance')
    expect(none.newcombe.lower).toBeLessThan(-0.05)
  })

  it('refuses counts that no sample has', () => {
    expect(code(wilson({ successes: 3, n: 2 }))).toBe('not-applicable')
    expect(code(wilson({ successes: -1, n: 2 }))).toBe('not-applicable')
    expect(code(wilson({ successes: Number.NaN, n: 2 }))).toBe('non-finite')
    expect(code(wilson({ successes: 1, n: Number.POSITIVE_INFINITY }))).toBe('non-finite')
  })
})

it('bounds what nobody of millions did with every digit', () => {
  const none = { successes: 0, n: 173_960_396 }
  const [score, exact] = [wilson(none, { level: 0.99 }), clopperPearson({ successes: 0, n: 1e9 })]
  if (!isEstimable(score) || !isEstimable(exact)) throw new Error('there are units')
  // mpmath; 1 − 0.025^(1/n).
  expect(score.upper / 3.814026928269622e-8).toBeCloseTo(1, 12)
  expect(exact.upper / -Math.expm1(Math.log(0.025) / 1e9)).toBeCloseTo(1, 12)
})

describe('sampleRatioChiSquare', () => {
  it('takes weights of any sum', () => {
    expect(sampleRatioChiSquare([60, 40, 5], [6, 3, 1])).toEqual(
      sampleRatioChiSquare([60, 40, 5], [48, 24, 8]),
    )
  })

  it('says ln p of a mismatch far beyond the doubles', () => {
    const test = sampleRatioChiSquare([6e6, 4e6], [1, 1])
    if (!isEstimable(test)) throw new Error('there are units')
    expect(test).toMatchObject({ chiSquare: 400_000, pValue: 0 })
    expect(test.logP).toBeCloseTo(-200_006.675, 2)
  })

  it('FAULTS 43: no units, no verdict; and a wrong plan is refused', () => {
    expect(code(sampleRatioChiSquare([0, 0], [1, 1]))).toBe('no-data')
    expect(code(sampleRatioChiSquare([Number.NaN, 1], [1, 1]))).toBe('non-finite')
    expect(code(sampleRatioChiSquare([-1, 1], [1, 1]))).toBe('not-applicable')
    expect(() => sampleRatioChiSquare([1, 2], [1, 0])).toThrow(/above 0/)
    expect(() => sampleRatioChiSquare([1, 2, 3], [1, 1])).toThrow(/3 counts and 2 weights/)
  })
})

import { type Estimable, isEstimable, type NotEstimable } from '@fairtrial/statistics'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sampleRatioLogBayesFactor, sampleRatioTest } from '../index.ts'

function known<T extends object>(value: Estimable<T>): T {
  if (isEstimable(value)) return value
  throw new Error(value.notEstimable.detail)
}

const code = (value: object) =>
  'notEstimable' in value ? (value as NotEstimable).notEstimable.code : 'estimated'
const counts = fc.array(fc.integer({ min: 0, max: 1e6 }), { minLength: 3, maxLength: 3 })
const weights = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 3, maxLength: 3 })

describe('sampleRatioLogBayesFactor', () => {
  // mpmath 1.3.0, 60 digits, of the textbook form.
  it.each([
    [[5005000, 4995000], [1, 1], 10_000, 1.5406039601628882771],
    [[6008000, 2998000, 994000], [6, 3, 1], 1, 7.120344611194216745],
    [[250000, 9750000], [2, 98], 37.5, 5907.1735042819675519],
  ])('keeps nine digits behind the point at 1e7 units: %j', (observed, shares, concentration, expected) => {
    const { logBayesFactor } = known(
      sampleRatioLogBayesFactor({ counts: observed, weights: shares }, concentration),
    )
    expect(Math.abs(logBayesFactor - expected)).toBeLessThanOrEqual(1e-9)
  })

  it('is the chance of the next unit: its e-value grows by a factor of mean 1 under the planned ratio', () => {
    fc.assert(
      fc.property(
        counts,
        weights,
        fc.double({ min: 0.1, max: 1e5, noNaN: true }),
        (now, shares, concentration) => {
          const at = (each: number[]) =>
            known(sampleRatioLogBayesFactor({ counts: each, weights: shares }, concentration)).logBayesFactor
          const total = shares.reduce((a, b) => a + b)
          const growth = shares.map((share, arm) => {
            const next = now.map((count, i) => (i === arm ? count + 1 : count))
            return (share / total) * Math.exp(at(next) - at(now))
          })
          expect(growth.reduce((a, b) => a + b)).toBeCloseTo(1, 8)
        },
      ),
    )
  })

  it('takes weights of any sum, and arms in any order', () => {
    fc.assert(
      fc.property(counts, weights, (now, shares) => {
        const plain = known(sampleRatioTest([{ counts: now, weights: shares }])).logBayesFactor
        const halved = known(
          sampleRatioTest([{ counts: now, weights: shares.map((w) => w / 2) }]),
        ).logBayesFactor
        const turned = known(sampleRatioTest([{ counts: now.toReversed(), weights: shares.toReversed() }]))
        expect(halved).toBeCloseTo(plain, 9)
        expect(Math.abs(turned.logBayesFactor - plain)).toBeLessThanOrEqual(1e-10 * (1 + Math.abs(plain)))
      }),
    )
  })
})

describe('sampleRatioTest', () => {
  it('FAULTS 45: phases with different ratios multiply into one test, which never forgets', () => {
    const first = { counts: [5200, 4800], weights: [1, 1] }
    const second = { counts: [1150, 8850], weights: [1, 9] }
    const apart = [first, second].map((phase) => known(sampleRatioTest([phase])))
    const together = known(sampleRatioTest([first, second]))
    expect(together.logBayesFactor).toBe(apart[0]!.logBayesFactor + apart[1]!.logBayesFactor)
    expect(together.pValue).toBeLessThan(0.001)
    const later = known(
      sampleRatioTest([{ counts: [50_000, 50_000], weights: [1, 1] }], { previousLogP: -20 }),
    )
    expect(later.logP).toBe(-20)
  })

  it('FAULTS 43: no units is no evidence, and broken counts are typed', () => {
    expect(known(sampleRatioTest([{ counts: [0, 0], weights: [1, 1] }]))).toMatchObject({
      units: 0,
      pValue: 1,
    })
    expect(known(sampleRatioTest([]))).toMatchObject({ units: 0, logBayesFactor: 0, logP: 0 })
    expect(code(sampleRatioTest([{ counts: [Number.NaN, 1], weights: [1, 1] }]))).toBe('non-finite')
    expect(code(sampleRatioTest([{ counts: [-1, 1], weights: [1, 1] }]))).toBe('not-applicable')
    expect(() => sampleRatioTest([{ counts: [1, 1], weights: [1, 0] }])).toThrow(/above 0/)
    expect(() => sampleRatioTest([{ counts: [1], weights: [1, 1] }])).toThrow(/1 counts and 2 weights/)
    expect(() => sampleRatioTest([], { concentration: 0 })).not.toThrow()
    expect(() => sampleRatioTest([{ counts: [1, 1], weights: [1, 1] }], { concentration: 0 })).toThrow(
      /concentration/,
    )
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  binnedDrift,
  covariateBalance,
  type Estimable,
  isEstimable,
  kolmogorovSmirnov,
  momentsOf,
  type NotEstimable,
} from '../src/index.ts'
import { disagreements, type ReferenceCase } from './agreement.ts'
import reference from './reference/drift.json' with { type: 'json' }

function known<T extends object>(value: Estimable<T>): T {
  if (isEstimable(value)) return value
  throw new Error(value.notEstimable.detail)
}
const code = (value: object) =>
  'notEstimable' in value ? (value as NotEstimable).notEstimable.code : 'estimated'

const methods: Record<string, (input: any) => unknown> = {
  'drift-binned': ({ expected, actual }) => {
    const drift = known(binnedDrift(expected, actual))
    return { ...drift, chiSquareP: drift.pValue }
  },
  'drift-ks': ({ a, b }) => {
    const test = known(kolmogorovSmirnov(a, b))
    return {
      D: test.distance,
      pExact: known(test.exact).pValue,
      pAsymptotic: known(test.asymptotic).pValue,
      pKolmogorovLimit: test.pLimit,
      wasserstein1: test.wasserstein,
      energyDistance: test.energy,
    }
  },
}

for (const each of reference.cases as ReferenceCase[]) {
  const method = methods[each.method]
  if (!method) continue
  it(`${each.id} agrees with scipy`, () => {
    expect(disagreements(each, method(each.input))).toEqual([])
  })
}

const counts = fc.array(fc.tuple(fc.nat(1000), fc.nat(1000)), { minLength: 2, maxLength: 10 })

describe('binnedDrift', () => {
  it('is nothing of a sample from itself, at any size', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 2, maxLength: 10 }), (bins) => {
        const drift = known(
          binnedDrift(
            bins,
            bins.map((count) => 3 * count),
          ),
        )
        expect(drift.psi).toBeLessThan(1e-28)
        expect(drift.jsDivergenceNat).toBeLessThan(1e-28)
        expect(drift.pValue).toBeGreaterThan(0.999)
      }),
    )
  })

  it('is symmetric where it should be, and within its bounds', () => {
    fc.assert(
      fc.property(counts, (pairs) => {
        const [before, now] = [pairs.map(([x]) => x), pairs.map(([, y]) => y)]
        const drift = binnedDrift(before, now)
        fc.pre(isEstimable(drift))
        const back = known(binnedDrift(now, before))
        const there = known(drift)
        expect(back.psi).toBeCloseTo(there.psi, 10)
        expect(back.jsDivergenceNat).toBeCloseTo(there.jsDivergenceNat, 12)
        expect(back.chiSquare).toBeCloseTo(there.chiSquare, 6)
        expect(there.jsDivergenceBits).toBeLessThanOrEqual(1)
        expect(there.totalVariation).toBeLessThanOrEqual(1)
        expect(there.hellinger ** 2).toBeLessThanOrEqual(there.totalVariation + 1e-12)
        expect(there.psi).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  it('smooths by half a unit when a bin is empty in one sample, and says so', () => {
    expect(known(binnedDrift([5, 5], [5, 5])).smoothing).toBe(0)
    const drift = known(binnedDrift([10, 10, 0], [5, 5, 10]))
    expect(drift.smoothing).toBe(0.5)
    const e = [10.5 / 21.5, 10.5 / 21.5, 0.5 / 21.5]
    const a = [5.5 / 21.5, 5.5 / 21.5, 10.5 / 21.5]
    expect(drift.psi).toBeCloseTo(
      e.reduce((sum, x, i) => sum + (a[i]! - x) * Math.log(a[i]! / x), 0),
      13,
    )
    // A bin that both lack is none.
    expect(known(binnedDrift([10, 0, 10], [5, 0, 9])).df).toBe(1)
    expect(known(binnedDrift([10, 0, 10], [5, 0, 9])).smoothing).toBe(0)
  })

  it('sees a difference of one in a million', () => {
    const drift = known(binnedDrift([5e11, 5e11], [5e11 + 5e5, 5e11 - 5e5]))
    // Shares of ½ against ½ ± δ: PSI = δ ln((½ + δ)/(½ − δ)) = 4 δ² + …, and δ is 5e-7.
    expect(drift.psi / 1e-12).toBeCloseTo(1, 6)
    expect(drift.jsDivergenceNat / drift.psi).toBeCloseTo(1 / 8, 6)
  })

  it('says why it cannot', () => {
    expect(code(binnedDrift([0, 0], [1, 2]))).toBe('no-data')
    expect(code(binnedDrift([3, 0], [1, 0]))).toBe('zero-variance')
    expect(code(binnedDrift([3, -1], [1, 0]))).toBe('not-applicable')
    expect(code(binnedDrift([3, Number.NaN], [1, 0]))).toBe('non-finite')
    expect(code(binnedDrift([3, 0], [1, 1], { smoothing: 0 }))).toBe('not-applicable')
    expect(() => binnedDrift([1], [1, 2])).toThrow('both samples the same')
    expect(() => binnedDrift([1, 2], [1, 2], { smoothing: -1 })).toThrow('≥ 0')
  })
})

describe('kolmogorovSmirnov', () => {
  const sample = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 6 })

  it('counts orders: its exact p is the share of all orders that lie as far apart', () => {
    const choose = (n: number, k: number): number[][] =>
      k === 0
        ? [[]]
        : n < k
          ? []
          : [...choose(n - 1, k), ...choose(n - 1, k - 1).map((rest) => [...rest, n - 1])]
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 5 }),
        fc.nat(200),
        (n, m, which) => {
          const orders = choose(n + m, n)
          const distance = (first: number[]) => {
            const a = first
            const b = Array.from({ length: n + m }, (_, i) => i).filter((i) => !first.includes(i))
            return { a, b, test: known(kolmogorovSmirnov(a, b)) }
          }
          const { test } = distance(orders[which % orders.length]!)
          const asFar = orders.filter((each) => distance(each).test.distance >= test.distance - 1e-12)
          expect(known(test.exact).pValue).toBeCloseTo(asFar.length / orders.length, 12)
        },
      ),
      { numRuns: 30 },
    )
  })

  it('does not care which sample is which, nor for the zero; its areas grow with the scale', () => {
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const test = known(kolmogorovSmirnov(a, b))
        const back = known(
          kolmogorovSmirnov(
            b.map((x) => 4 * x + 8),
            a.map((x) => 4 * x + 8),
          ),
        )
        expect(back.distance).toBe(test.distance)
        expect(known(back.exact).pValue).toBeCloseTo(known(test.exact).pValue, 13)
        expect(back.wasserstein).toBeCloseTo(4 * test.wasserstein, 12)
        expect(back.energy).toBeCloseTo(2 * test.energy, 12)
        for (const p of [known(test.exact).pValue, test.pLimit]) {
          expect(p).toBeGreaterThan(0)
          expect(p).toBeLessThanOrEqual(1)
        }
      }),
    )
  })

  it('agrees with itself where exact and limit meet', () => {
    const a = Array.from({ length: 1000 }, (_, i) => i)
    const b = Array.from({ length: 1200 }, (_, i) => (i * 1000) / 1200 + 60.3)
    const test = known(kolmogorovSmirnov(a, b))
    expect(test.pLimit / known(test.exact).pValue).toBeCloseTo(1, 0)
    expect(known(test.asymptotic).pValue / known(test.exact).pValue).toBeCloseTo(1, 0)
  })

  it('says why it cannot', () => {
    expect(code(kolmogorovSmirnov([], [1]))).toBe('no-data')
    expect(code(kolmogorovSmirnov([1], [Number.NaN]))).toBe('non-finite')
    expect(code(known(kolmogorovSmirnov([1, 2], [3])).asymptotic)).toBe('not-applicable')
  })
})

describe('covariateBalance', () => {
  it('standardises, adjusts for the number of covariates, and says why where it cannot', () => {
    const age = { name: 'age', control: momentsOf([20, 30, 40, 50]), treatment: momentsOf([30, 40, 50, 60]) }
    const plan = { name: 'plan', control: momentsOf([1, 1]), treatment: momentsOf([1, 1, 1]) }
    const [first, second] = covariateBalance([age, plan])
    expect(known(first!.standardizedDifference).value).toBeCloseTo(10 / Math.sqrt(500 / 3), 14)
    const [alone] = covariateBalance([age])
    expect(first!.adjustedP).toBeCloseTo(Math.min(1, 2 * alone!.adjustedP!), 14)
    expect(second!.adjustedP).toBeUndefined()
    expect(code(second!.standardizedDifference)).toBe('zero-variance')
    expect(code(covariateBalance([{ ...age, control: momentsOf([]) }])[0]!.standardizedDifference)).toBe(
      'no-data',
    )
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addPair,
  deltaLift,
  differenceOfEstimates,
  type EstimatedMean,
  emptyCrossMoments,
  type Estimable,
  estimatedClusteredQuantile,
  estimatedQuantile,
  isEstimable,
  mannWhitney,
  mannWhitneyOfCounts,
  momentsFromSums,
  type NotEstimable,
  type QuantileType,
  quantileInterval,
  sampleQuantile,
} from '../src/index.ts'
import { disagreements, type ReferenceCase } from './agreement.ts'
import reference from './reference/ranks-and-quantiles.json' with { type: 'json' }

function known<T extends object>(value: Estimable<T>): T {
  if (isEstimable(value)) return value
  throw new Error(value.notEstimable.detail)
}
const code = (value: object) =>
  'notEstimable' in value ? (value as NotEstimable).notEstimable.code : 'estimated'
const ascending = (values: readonly number[]) => Array.from(values).sort((a, b) => a - b)

function compared(control: EstimatedMean, treatment: EstimatedMean, difference: string) {
  const test =
    difference === 'relative'
      ? known(deltaLift(control, treatment))
      : known(differenceOfEstimates(control, treatment))
  return {
    estimate: 'lift' in test ? test.lift : test.difference,
    se: test.standardError,
    ciLower: test.interval.lower,
    ciUpper: test.interval.upper,
    p: test.pValue,
    error: null,
  }
}
const intervalOf = ({ n, q, lower, upper }: any, p: number) => ({
  n,
  p,
  level: 0.95,
  quantile: q,
  lower,
  upper,
})

const methods: Record<string, (input: any) => unknown> = {
  'mann-whitney': ({ control, treatment }) => {
    const test = known(mannWhitney(control, treatment))
    return {
      U: test.u,
      pNoContinuity: test.plain.pValue,
      pContinuity: test.continuous.pValue,
      pGreaterContinuity: test.continuous.pGreater,
      probabilityOfSuperiority: test.probabilityOfSuperiority,
      ...(isEstimable(test.exact) && { pExact: test.exact.pValue }),
    }
  },
  'sample-quantile': ({ x, p }) =>
    Object.fromEntries(
      ([1, 2, 3, 4, 5, 6, 7, 8, 9] as QuantileType[]).map((type) => [
        `type${type}`,
        p.map((each: number) => known(sampleQuantile(ascending(x), each, type)).quantile),
      ]),
    ),
  quantile: ({ nu, control, treatment, difference }) => {
    const of = (arm: any) => known(estimatedQuantile(intervalOf(arm, nu)))
    return compared(of(control), of(treatment), difference)
  },
  'quantile-clustered': ({ nu, control, treatment, difference }) => {
    const of = (arm: any) => {
      const x = known(
        momentsFromSums({ n: arm.clusters, sum: arm.sumCount, sumSquares: arm.sumCountSquares }),
      )
      const y = known(
        momentsFromSums({ n: arm.clusters, sum: arm.sumBelow, sumSquares: arm.sumBelowSquares }),
      )
      const clusters = {
        n: arm.clusters,
        meanX: x.mean,
        meanY: y.mean,
        m2X: x.m2,
        m2Y: y.m2,
        cXY: arm.sumProduct - arm.sumCount * y.mean,
      }
      const interval = intervalOf(arm, nu)
      return known(estimatedClusteredQuantile({ interval, clusters, degreesOfFreedom: 'values' }))
    }
    return compared(of(control), of(treatment), difference)
  },
}

for (const each of reference.cases as ReferenceCase[]) {
  it(`${each.id} agrees with other software`, () => {
    expect(disagreements(each, methods[each.method]!(each.input))).toEqual([])
  })
}

const sample = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 2, maxLength: 15 })

describe('mannWhitney', () => {
  it('counts pairs, and the shift is the median of all differences', () => {
    fc.assert(
      fc.property(sample, sample, (control, treatment) => {
        const test = mannWhitney(control, treatment)
        fc.pre(isEstimable(test))
        const differences = ascending(treatment.flatMap((t) => control.map((c) => t - c)))
        const wins = differences.filter((d) => d > 0).length + differences.filter((d) => d === 0).length / 2
        expect(known(test).u).toBe(wins)
        expect(known(test).shift).toBe(known(sampleQuantile(differences, 0.5)).quantile)
        const { shiftInterval, shift } = known(test)
        if (isEstimable(shiftInterval)) {
          expect(differences).toContain(shiftInterval.lower)
          expect(shiftInterval.lower).toBeLessThanOrEqual(shift)
          expect(shiftInterval.upper).toBeGreaterThanOrEqual(shift)
        }
      }),
    )
  })

  it('mirrors when the arms are swapped and does not care for a monotone scale', () => {
    fc.assert(
      fc.property(sample, sample, (control, treatment) => {
        const test = mannWhitney(control, treatment)
        fc.pre(isEstimable(test))
        const mirrored = known(mannWhitney(treatment, control))
        expect(mirrored.u + known(test).u).toBe(control.length * treatment.length)
        expect(mirrored.plain.pGreater).toBeCloseTo(known(test).plain.pLess, 14)
        expect(mirrored.continuous.pGreater).toBeCloseTo(known(test).continuous.pLess, 14)
        expect(mirrored.shift + known(test).shift).toBeCloseTo(0, 12)
        const cubed = known(
          mannWhitney(
            control.map((x) => x ** 3),
            treatment.map((x) => x ** 3),
          ),
        )
        expect(cubed.plain).toEqual(known(test).plain)
      }),
    )
  })

  it('counts all orders exactly when there are no ties', () => {
    // R 4: wilcox.test(6:10, 1:5, conf.int = TRUE): p = 0.007937, shift 5, 95 % from 2 to 8.
    const test = known(mannWhitney([1, 2, 3, 4, 5], [6, 7, 8, 9, 10.5]))
    expect(known(test.exact).pGreater).toBeCloseTo(1 / 252, 15)
    expect(test.shift).toBe(5)
    const values = Array.from({ length: 100 }, (_, i) => (i * 37) % 101)
    const many = known(mannWhitney(values.slice(0, 50), values.slice(50)))
    expect(known(many.exact).pValue).toBeCloseTo(many.continuous.pValue, 2)
    expect(known(many.exact).pGreater + known(many.exact).pLess).toBeGreaterThan(1)
  })

  it('finds a shift at any size, and any scale', () => {
    const values = Array.from({ length: 3001 }, (_, i) => ((i * 7919) % 3001) / 1e9)
    const test = known(
      mannWhitney(
        values,
        values.map((x) => x + 5e-8),
      ),
    )
    expect(test.shift).toBeCloseTo(5e-8, 15)
    expect(known(test.shiftInterval).lower).toBeLessThan(5e-8)
  })

  it('takes counts of values for the values, in any order, said twice or not at all', () => {
    const counted = (values: readonly number[]) => [
      ...values.map((value): [number, number] => [value, 1]),
      [99, 0] as const,
    ]
    fc.assert(
      fc.property(sample, sample, (control, treatment) => {
        expect(mannWhitneyOfCounts(counted(control), counted(treatment))).toEqual(
          mannWhitney(control, treatment),
        )
      }),
    )
    expect(code(mannWhitneyOfCounts([[1, 0]], [[1, 2]]))).toBe('no-data')
    expect(() => mannWhitneyOfCounts([[1, 0.5]], [[1, 2]])).toThrow('counted 0.5 times')
  })

  it('takes millions of units as the few values that they have', () => {
    const million = (shift: number) =>
      Array.from({ length: 100 }, (_, i): [number, number] => [i * i + shift, 10_000 + i])
    const test = known(mannWhitneyOfCounts(million(0), million(0.5)))
    expect(test.shift).toBe(0.5)
    expect(known(test.shiftInterval).lower).toBe(0.5)
    expect(test.probabilityOfSuperiority).toBeCloseTo(0.505, 3)
  })

  it('says why it cannot', () => {
    expect(code(mannWhitney([], [1]))).toBe('no-data')
    expect(code(mannWhitney([1], [Number.NaN]))).toBe('non-finite')
    expect(code(mannWhitney([3, 3], [3]))).toBe('zero-variance')
    const thin = known(mannWhitney([1], [2, 3]))
    expect([code(thin.superiorityInterval), code(thin.shiftInterval)]).toEqual([
      'too-few-units',
      'too-few-units',
    ])
    expect(code(known(mannWhitney([1, 2], [3, 4])).superiorityInterval)).toBe('zero-variance')
    expect(code(known(mannWhitney([1, 2], [2, 4])).exact)).toBe('not-applicable')
  })
})

describe('quantiles', () => {
  const types = [1, 2, 3, 4, 5, 6, 7, 8, 9] as QuantileType[]

  it('of every type lie within the sample and grow with p', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(sample, share, share, fc.constantFrom(...types), (values, a, b, type) => {
        const sorted = ascending(values)
        const low = known(sampleQuantile(sorted, Math.min(a, b), type)).quantile
        const high = known(sampleQuantile(sorted, Math.max(a, b), type)).quantile
        expect(low).toBeLessThanOrEqual(high + 1e-12)
        expect(low).toBeGreaterThanOrEqual(sorted[0]! - 1e-12)
        expect(high).toBeLessThanOrEqual(sorted.at(-1)! + 1e-12)
      }),
    )
  })

  it('have the variance that theory gives them: p (1 − p) / n f²', () => {
    const n = 10_000
    const uniform = Array.from({ length: n }, (_, i) => (i + 0.5) / n)
    const { variance } = known(estimatedQuantile(known(quantileInterval(uniform, 0.9))))
    expect(variance / ((0.9 * 0.1) / n)).toBeCloseTo(1, 1)
  })

  it('of clusters of one are those of independent values; of clusters that move together k times as uncertain', () => {
    const n = 10_000
    const sorted = Array.from({ length: n }, (_, i) => (i + 0.5) / n)
    const interval = known(quantileInterval(sorted, 0.5))
    const alone = sorted.reduce(
      (all, x) => addPair(all, 1, x <= interval.quantile ? 1 : 0),
      emptyCrossMoments,
    )
    const fours = Array.from({ length: n / 4 }, (_, i) => (i < n / 8 ? 4 : 0)).reduce(
      (all, y) => addPair(all, 4, y),
      emptyCrossMoments,
    )
    const plain = known(estimatedQuantile(interval)).variance
    const one = known(estimatedClusteredQuantile({ interval, clusters: alone }))
    const four = known(estimatedClusteredQuantile({ interval, clusters: fours }))
    expect(one.variance / plain).toBeCloseTo(1, 3)
    expect(four.variance / plain).toBeCloseTo(4, 2)
    expect(four.degreesOfFreedom).toBe(n / 4 - 1)
  })

  it('say why they cannot', () => {
    expect(code(sampleQuantile([], 0.5))).toBe('no-data')
    expect(code(sampleQuantile([Number.NaN], 0.5))).toBe('non-finite')
    expect(() => sampleQuantile([1], 50)).toThrow('between 0 and 1')
    expect(code(quantileInterval([1, 2, 3], 0.5))).toBe('too-few-units')
    expect(
      code(
        quantileInterval(
          Array.from({ length: 100 }, (_, i) => i),
          0.99,
        ),
      ),
    ).toBe('too-few-units')
    const heap = Array.from({ length: 100 }, () => 7)
    expect(code(estimatedQuantile(known(quantileInterval(heap, 0.5))))).toBe('zero-variance')
  })
})

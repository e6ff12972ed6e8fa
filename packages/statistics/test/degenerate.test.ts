import { describe, expect, it } from 'vitest'
import {
  betaBinomialModel,
  binnedDrift,
  bootstrap,
  clusteredDifference,
  cupedDifference,
  cupedLift,
  differenceOfEstimates,
  estimatedQuantile,
  fisherExact,
  jackknife,
  jointMomentsOf,
  kolmogorovSmirnov,
  mannWhitney,
  normalModel,
  type NotEstimable,
  permutationTest,
  quantileInterval,
  regressionDifference,
  stratifiedDifference,
} from '../src/index.ts'

const huge = [-1.7e308, 1e308, 1.7e308, -1e308, 0, 5]
const tiny = [5e-324, 1e-323, 0, 5e-324, 2e-323, 0]
const plain = [1, 2, 3, 4, 5, 7]
const rows = (values: number[]) =>
  jointMomentsOf(values.map((value, i) => [value, values[(i + 2) % values.length]!]))
const units = (values: number[]) =>
  values.map((value, i) => ({ value, isTreated: i % 2 === 0, cluster: i, covariates: [] }))
const random = () => 0.37
const proportion = (n: number) => ({ successes: n / 4, n })

/** Every number of a value that is somewhere NaN, or an infinity where none is promised. */
function oddities(value: unknown, path: string): string[] {
  if (typeof value === 'number') {
    // Infinitely many degrees of freedom are the normal distribution; ln p may fall below every double.
    if (/(degreesOfFreedom|logP)$/.test(path)) return Number.isNaN(value) ? [path] : []
    return Number.isFinite(value) ? [] : [`${path} = ${value}`]
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, each]) => oddities(each, `${path}.${key}`))
}

const methods: Record<string, (a: number[], b: number[]) => unknown> = {
  cupedDifference: (a, b) => cupedDifference(rows(a), rows(b)),
  cupedLift: (a, b) => cupedLift(rows(a), rows(b)),
  regressionDifference: (a, b) => regressionDifference(units([...a, ...b])),
  clusteredDifference: (a, b) => clusteredDifference(units([...a, ...b])),
  mannWhitney,
  kolmogorovSmirnov,
  permutationTest: (a, b) => permutationTest(a, b, { random, permutations: 9 }),
  bootstrap: (a, b) => bootstrap(a, b, (c, t) => t[0]! - c[0]!, { random, resamples: 9 }),
  jackknife: (a, b) => jackknife(a[0]!, b),
  quantile: (a) => {
    const interval = quantileInterval(
      Array.from({ length: 60 }, (_, i) => a[i % 6]!).sort((x, y) => x - y),
      0.5,
    )
    return 'quantile' in interval ? estimatedQuantile(interval) : interval
  },
  binnedDrift: (a, b) => binnedDrift(a.map(Math.abs), b.map(Math.abs)),
  stratifiedDifference: (a, b) =>
    stratifiedDifference([
      { control: { n: 5, mean: a[1]!, m2: a[2]! }, treatment: { n: 6, mean: b[1]!, m2: Math.abs(b[3]!) } },
      { control: { n: 5, mean: a[3]!, m2: 1 }, treatment: { n: 6, mean: b[0]!, m2: 1 } },
    ]),
  normalModel: (a, b) =>
    normalModel({ estimate: a[1]!, standardError: Math.abs(b[1]!) }, { prior: { mean: 0, variance: 1 } }),
  differenceOfEstimates: (a, b) =>
    differenceOfEstimates({ mean: a[1]!, variance: 1 }, { mean: b[1]!, variance: Math.abs(b[2]!) }),
}

describe('numbers at the ends of the doubles', () => {
  for (const [name, method] of Object.entries(methods)) {
    it(`${name} gives finite numbers or says why not`, () => {
      for (const a of [huge, tiny, plain]) {
        for (const b of [huge, tiny, plain]) expect(oddities(method(a, b), name)).toEqual([])
      }
    })
  }

  it('what would take for ever is refused, and says what to take', () => {
    const many = betaBinomialModel(proportion(1e12), proportion(1e12)) as NotEstimable
    expect(many.notEstimable).toMatchObject({ code: 'not-applicable' })
    expect(many.notEstimable.detail).toContain('normalModel')
    const tables = fisherExact(proportion(1e9), proportion(1e9)) as NotEstimable
    expect(tables.notEstimable.detail).toContain('twoProportions')
    // Beyond whole numbers, where k + 1 is k, counting tables would never end.
    const endless = fisherExact({ successes: 3, n: 9 }, { successes: 1e307, n: 1e308 }) as NotEstimable
    expect(endless.notEstimable.code).toBe('not-applicable')
  })
})

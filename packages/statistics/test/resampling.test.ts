import { describe, expect, it } from 'vitest'
import {
  bootstrap,
  type Estimable,
  isEstimable,
  momentsOf,
  type NotEstimable,
  permutationTest,
  type TwoSampleStatistic,
  welch,
} from '../src/index.ts'

function known<T extends object>(value: Estimable<T>): T {
  if (isEstimable(value)) return value
  throw new Error(value.notEstimable.detail)
}
const code = (value: object) =>
  'notEstimable' in value ? (value as NotEstimable).notEstimable.code : 'estimated'

/** Mulberry32: seeded, so that every run is the same. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
const normals = (n: number, random: () => number) =>
  Array.from({ length: n }, () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()))
const difference: TwoSampleStatistic = (control, treatment) =>
  momentsOf(treatment).mean - momentsOf(control).mean

describe('permutationTest', () => {
  it('finds the share of all orders that do as much, within Monte-Carlo error', () => {
    // Of the 20 ways to label 6 units, 1 has a sum as large as 4 + 5 + 6 and 2 are as far apart.
    const test = known(
      permutationTest([1, 2, 3], [4, 5, 6], {
        random: seeded(1),
        statistic: difference,
        permutations: 20_000,
      }),
    )
    expect(Math.abs(test.pValue - 0.1)).toBeLessThan(4 * test.pError)
    expect(Math.abs(test.pGreater - 0.05)).toBeLessThan(4 * test.pError)
    expect(test.pLess).toBe(1)
    expect(test.statistic).toBe(3)
  })

  it('agrees with Welch’s test on normal data, and is the same for the same seed', () => {
    const random = seeded(2)
    const control = normals(60, random)
    const treatment = normals(80, random).map((x) => x * 2 + 0.6)
    const test = known(permutationTest(control, treatment, { random: seeded(3) }))
    const { pValue, t } = known(welch(momentsOf(control), momentsOf(treatment)))
    expect(test.statistic).toBe(t)
    expect(Math.abs(test.pValue - pValue)).toBeLessThan(5 * test.pError + 0.01)
    expect(known(permutationTest(control, treatment, { random: seeded(3) }))).toEqual(test)
  })

  it('holds its level under the null: 5 % of 2,000 experiments within Monte-Carlo error', () => {
    const random = seeded(4)
    let rejected = 0
    for (let i = 0; i < 2000; i++) {
      const [a, b] = [normals(8, random).map(Math.exp), normals(8, random).map(Math.exp)]
      if (known(permutationTest(a, b, { random, permutations: 99, statistic: difference })).pValue <= 0.05)
        rejected++
    }
    expect(Math.abs(rejected / 2000 - 0.05)).toBeLessThan(4 * Math.sqrt((0.05 * 0.95) / 2000))
  })

  it('is never 0, and says why it cannot', () => {
    const far = known(
      permutationTest([1, 2, 3, 4, 5, 6], [91, 92, 93, 94, 95, 96], { random: seeded(5), permutations: 9 }),
    )
    expect(far.pValue).toBeGreaterThanOrEqual(0.1)
    const random = seeded(6)
    expect(known(permutationTest([2, 2], [2, 2], { random, permutations: 9 })).pValue).toBe(1)
    expect(code(permutationTest([], [1], { random }))).toBe('no-data')
    expect(code(permutationTest([1], [Number.NaN], { random }))).toBe('non-finite')
    expect(() => permutationTest([1], [2], { random, permutations: 0 })).toThrow('permutations is 0')
  })
})

describe('bootstrap', () => {
  it('has the standard error and the interval of the mean’s theory', () => {
    const random = seeded(7)
    const control = normals(100, random)
    const treatment = normals(100, random).map((x) => x + 1)
    const theory = known(welch(momentsOf(control), momentsOf(treatment)))
    for (const method of ['bca', 'percentile'] as const) {
      const estimate = known(bootstrap(control, treatment, difference, { random: seeded(8), method }))
      expect(estimate.estimate).toBe(theory.difference)
      expect(estimate.standardError / theory.standardError).toBeCloseTo(1, 1)
      expect(estimate.interval.lower).toBeCloseTo(theory.interval.lower, 1)
      expect(estimate.interval.upper).toBeCloseTo(theory.interval.upper, 1)
      expect(Math.abs(estimate.bias)).toBeLessThan(0.02)
    }
  })

  it('corrected for skewness reaches farther into the long tail', () => {
    const random = seeded(9)
    const treatment = normals(40, random).map((x) => Math.exp(1.5 * x))
    const control = normals(40, random).map((x) => x / 100)
    const at = (method: 'bca' | 'percentile') =>
      known(bootstrap(control, treatment, difference, { random: seeded(10), method })).interval
    expect(at('bca').upper).toBeGreaterThan(at('percentile').upper)
    expect(at('bca').lower).toBeGreaterThan(at('percentile').lower)
  })

  it('says why it cannot', () => {
    const random = seeded(11)
    expect(code(bootstrap([1], [1, 2], difference, { random }))).toBe('too-few-units')
    expect(code(bootstrap([], [1, 2], difference, { random }))).toBe('no-data')
    expect(code(bootstrap([3, 3], [3, 3], difference, { random }))).toBe('zero-variance')
    expect(code(bootstrap([1, 2], [0, 1], (_, t) => 1 / momentsOf(t).mean, { random }))).toBe('non-finite')
    expect(() => bootstrap([1, 2], [0, 1], difference, { random, resamples: 1 })).toThrow('resamples is 1')
  })
})

import { createRandom } from '@fairtrial/sequential'
import { binomialPmf, chiSquareSf } from '@fairtrial/statistics'
import { expect, it } from 'vitest'
import { binomial, lognormal, onesAndZeros, rateArm, sampleOf } from './draws.ts'

const N = 200_000

it.each([
  [500, 0.001],
  [500, 0.01],
  [30, 0.9],
  [40, 0.5],
  [3_000, 0.2],
  [1_000_000, 0.5],
])('binomial counts of %d units at rate %d are as likely as they should be', (n, p) => {
  const random = createRandom(1)
  const seen = new Map<number, number>()
  for (let i = 0; i < N; i++) {
    const k = binomial(random, n, p)
    seen.set(k, (seen.get(k) ?? 0) + 1)
  }
  // Counts that are expected ten times or more, a cell each; the rest is one more.
  const middle = Math.round(n * p)
  const reach = Math.ceil(6 * Math.sqrt(n * p * (1 - p)) + 6)
  let [statistic, cells, others, othersExpected] = [0, 0, N, N]
  for (let k = Math.max(0, middle - reach); k <= Math.min(n, middle + reach); k++) {
    const expected = N * binomialPmf(k, n, p)
    if (expected < 10) continue
    const observed = seen.get(k) ?? 0
    statistic += (observed - expected) ** 2 / expected
    cells++
    others -= observed
    othersExpected -= expected
  }
  statistic += (others - othersExpected) ** 2 / Math.max(othersExpected, 1)
  expect(chiSquareSf(statistic, cells)).toBeGreaterThan(0.001)
})

it('an arm of rates is its units: the moments of zeros and ones', () => {
  const arm = rateArm(createRandom(1), 1)
  arm.grow(3)
  arm.grow(2)
  expect(arm.moments()).toEqual({ n: 5, mean: 1, m2: 0 })
  expect(onesAndZeros(1, 4)).toEqual({ n: 4, mean: 0.25, m2: 0.75 })
})

it('lognormal values have their mean, and their cap', () => {
  const { mean, m2, n } = sampleOf(createRandom(2), lognormal(1), N)
  expect(Math.abs(mean - Math.exp(0.5))).toBeLessThan(3.29 * Math.sqrt(m2 / n / n))
  expect(sampleOf(createRandom(2), lognormal(1, 1e-9), 10).mean).toBeCloseTo(1e-9, 15)
})

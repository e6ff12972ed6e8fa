import { describe, expect, it } from 'vitest'
import {
  bootstrap,
  type Estimable,
  estimatedMetric,
  differenceOfEstimates,
  isEstimable,
  jointMomentsOf,
  normalSf,
  permutationTest,
} from '../src/index.ts'

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let a = seed
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

type Unit = readonly [clicks: number, views: number]

/** Viewers with page views of very different number, some with none, who click more readily the more they view. */
function viewers(count: number, rate: number, random: () => number): Unit[] {
  return Array.from({ length: count }, () => {
    const views = Math.floor(-6 * Math.log(1 - random()))
    const eager = rate * (0.5 + random()) * (1 + views / 20)
    const clicks = Array.from({ length: views }, () => random() < eager).filter(Boolean).length
    return [clicks, views]
  })
}

function known<T extends object>(result: Estimable<T>): T {
  if (!isEstimable(result)) throw new Error(JSON.stringify(result))
  return result
}

describe('the delta method of a ratio', () => {
  const random = seeded(21)
  const units = [...viewers(600, 0.1, random), ...viewers(600, 0.13, random)]
  const [control, treatment] = [0, 600].map((from) => Array.from({ length: 600 }, (_, i) => from + i)) as [
    number[],
    number[],
  ]
  const ratio = (places: readonly number[]) => {
    const sum = (column: 0 | 1) => places.reduce((total, place) => total + units[place]![column], 0)
    return sum(0) / sum(1)
  }
  const estimates = [control, treatment].map((places) =>
    known(
      estimatedMetric(
        jointMomentsOf(places.map((place) => units[place]!)),
        { numerator: 0, denominator: 1 },
        'an arm',
      ),
    ),
  )
  const delta = known(differenceOfEstimates(estimates[0]!, estimates[1]!))
  const difference = (c: readonly number[], t: readonly number[]) => ratio(t) - ratio(c)

  it('has the standard error of the bootstrap, which draws viewers and not views', () => {
    const { standardError } = known(
      bootstrap(control, treatment, difference, { random: seeded(3), resamples: 4_000 }),
    )
    expect(delta.difference).toBeCloseTo(difference(control, treatment), 12)
    // The bootstrap's own error with 4,000 draws: 1.1 %.
    expect(Math.abs(delta.standardError / standardError - 1)).toBeLessThan(0.05)
    // As though views were independent, it would come out far too small.
    const views = units.reduce((sum, [, each]) => sum + each, 0)
    const naive = Math.sqrt((4 * 0.12 * 0.88) / views)
    expect(delta.standardError / naive).toBeGreaterThan(1.15)
  })

  it('has the p of a permutation test, which shuffles viewers', () => {
    const { pValue, pError } = known(
      permutationTest(control, treatment, { random: seeded(4), permutations: 4_000, statistic: difference }),
    )
    const p = 2 * normalSf(Math.abs(delta.t))
    expect(p).toBeGreaterThan(0.001)
    expect(p).toBeLessThan(0.5)
    expect(Math.abs(pValue - p)).toBeLessThan(4 * pError + 0.1 * p)
  })
})

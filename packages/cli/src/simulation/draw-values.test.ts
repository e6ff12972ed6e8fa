import { createRandom } from '@fairtrial/sequential'
import { mergeMoments, type Moments, sampleVariance, isEstimable } from '@fairtrial/statistics'
import { describe, expect, it } from 'vitest'
import { drawBinomial, drawGamma, drawMoments, drawPoisson, type Spread } from './draw-values.ts'

const DRAWS = 40_000
/** Some dozens of comparisons: four and a half standard errors. */
const REACH = 4.5

function momentsOf(draw: () => number): { readonly mean: number; readonly variance: number } {
  const values = Array.from({ length: DRAWS }, draw)
  const mean = values.reduce((sum, value) => sum + value, 0) / DRAWS
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (DRAWS - 1) }
}

describe.each([
  ['gamma 0.3', (seed: number) => momentsOf(with_(seed, (random) => drawGamma(0.3, random))), 0.3, 0.3],
  ['gamma 40', (seed: number) => momentsOf(with_(seed, (random) => drawGamma(40, random))), 40, 40],
  [
    'binomial 7',
    (seed: number) => momentsOf(with_(seed, (random) => drawBinomial(7, 0.3, random))),
    2.1,
    1.47,
  ],
  [
    'binomial 5,000',
    (seed: number) => momentsOf(with_(seed, (random) => drawBinomial(5_000, 0.02, random))),
    100,
    98,
  ],
  ['poisson 0.4', (seed: number) => momentsOf(with_(seed, (random) => drawPoisson(0.4, random))), 0.4, 0.4],
  ['poisson 90', (seed: number) => momentsOf(with_(seed, (random) => drawPoisson(90, random))), 90, 90],
])('%s', (_name, draw, mean, variance) => {
  it('has its mean and its variance', () => {
    const drawn = draw(3)
    expect(Math.abs(drawn.mean - mean)).toBeLessThan(REACH * Math.sqrt(variance / DRAWS))
    expect(Math.abs(drawn.variance / variance - 1)).toBeLessThan(0.1)
  })
})

function with_(seed: number, draw: (random: ReturnType<typeof createRandom>) => number): () => number {
  const random = createRandom(seed)
  return () => draw(random)
}

describe('drawMoments', () => {
  it.each<Spread>([
    { shape: 'bernoulli', mean: 0.03, variance: 0.0291 },
    { shape: 'normal', mean: -4, variance: 9 },
    { shape: 'poisson', mean: 2, variance: 2 },
    { shape: 'poisson', mean: 2, variance: 7 },
    { shape: 'lognormal', mean: 30, variance: 900 },
  ])('of $shape units has their mean and variance, drawn in one batch or in many', (spread) => {
    const random = createRandom(11)
    const batches = Array.from({ length: 400 }, (_, i) => drawMoments(i % 2 === 0 ? 1 : 199, spread, random))
    const whole = batches.reduce((a, b): Moments => mergeMoments(a, b))
    expect(whole.n).toBe(40_000)
    expect(Math.abs(whole.mean - spread.mean)).toBeLessThan(REACH * Math.sqrt(spread.variance / whole.n))
    const variance = sampleVariance(whole)
    expect(isEstimable(variance) && Math.abs(variance.variance / spread.variance - 1)).toBeLessThan(0.15)
  })

  it('of no units is nothing', () => {
    expect(drawMoments(0, { shape: 'normal', mean: 1, variance: 1 }, createRandom(1))).toMatchObject({ n: 0 })
  })

  it('of zeros and ones counts whole units', () => {
    const { n, mean, m2 } = drawMoments(
      1_000,
      { shape: 'bernoulli', mean: 0.4, variance: 0.24 },
      createRandom(2),
    )
    expect((mean * n) % 1).toBeCloseTo(0, 9)
    expect(m2).toBeCloseTo(n * mean * (1 - mean), 9)
  })
})

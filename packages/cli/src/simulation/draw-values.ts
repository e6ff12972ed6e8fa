import type { RandomStream } from '@fairtrial/sequential'
import {
  accumulate,
  accumulatedMoments,
  createAccumulator,
  emptyMoments,
  type Moments,
} from '@fairtrial/statistics'

/**
 * How the units' numbers of a metric are spread.
 * - `bernoulli`: 0 or 1
 * - `poisson`: counts; with a variance above the mean, from a gamma mixture of them (negative binomial)
 * - `normal`
 * - `lognormal`: skewed, as money and time are
 */
export type Shape = 'bernoulli' | 'poisson' | 'normal' | 'lognormal'

/** The numbers of a metric in one arm. */
export interface Spread {
  readonly shape: Shape
  readonly mean: number
  readonly variance: number
}

/** The moments of so many new units. Of zeros and ones and of normal values drawn at once, whatever their number. */
export function drawMoments(n: number, spread: Spread, random: RandomStream): Moments {
  if (n === 0) return emptyMoments
  const { shape, mean, variance } = spread
  if (shape === 'bernoulli') {
    const ones = drawBinomial(n, mean, random)
    return { n, mean: ones / n, m2: (ones * (n - ones)) / n }
  }
  if (shape === 'normal') {
    // Mean and sum of squares of a normal sample are independent: normal, and chi-square with n − 1 degrees.
    const squares = n === 1 ? 0 : 2 * variance * drawGamma((n - 1) / 2, random)
    return { n, mean: mean + Math.sqrt(variance / n) * random.normal(), m2: squares }
  }
  const sample = createAccumulator()
  const draw = shape === 'poisson' ? counts(mean, variance) : lognormals(mean, variance)
  for (let i = 0; i < n; i++) accumulate(sample, draw(random))
  return accumulatedMoments(sample)
}

function counts(mean: number, variance: number): (random: RandomStream) => number {
  const excess = variance - mean
  if (!(excess > 1e-9 * mean)) return (random) => drawPoisson(mean, random)
  const shape = mean ** 2 / excess
  return (random) => drawPoisson((mean / shape) * drawGamma(shape, random), random)
}

function lognormals(mean: number, variance: number): (random: RandomStream) => number {
  const scale2 = Math.log1p(variance / mean ** 2)
  const location = Math.log(mean) - scale2 / 2
  const scale = Math.sqrt(scale2)
  return (random) => Math.exp(location + scale * random.normal())
}

/** Gamma with scale 1: Marsaglia & Tsang, ACM TOMS 26, 2000. */
export function drawGamma(shape: number, random: RandomStream): number {
  if (shape < 1) return drawGamma(shape + 1, random) * (1 - random.uniform()) ** (1 / shape)
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = random.normal()
    const root = 1 + c * x
    // Not `** 3`, which takes longer than all the rest.
    const v = root * root * root
    if (v > 0 && Math.log(1 - random.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v
  }
}

/** Successes in n trials: n is halved by the median order statistic until it is small (Devroye 1986, X.4.3). */
export function drawBinomial(n: number, p: number, random: RandomStream): number {
  let trials = n
  let chance = p
  let successes = 0
  while (trials > 16) {
    const middle = 1 + Math.floor(trials / 2)
    const x = drawGamma(middle, random)
    const median = x / (x + drawGamma(trials + 1 - middle, random))
    if (median <= chance) {
      successes += middle
      trials -= middle
      chance = (chance - median) / (1 - median)
    } else {
      trials = middle - 1
      chance /= median
    }
  }
  for (let i = 0; i < trials; i++) if (random.uniform() < chance) successes += 1
  return successes
}

/** Poisson, by the waiting times of its events; a large mean is halved by a gamma first. */
export function drawPoisson(mean: number, random: RandomStream): number {
  let left = mean
  let events = 0
  while (left > 16) {
    const half = Math.floor(left / 2) + 1
    const time = drawGamma(half, random)
    if (time > left) return events + drawBinomial(half - 1, left / time, random)
    events += half
    left -= time
  }
  for (let product = 1 - random.uniform(); product > Math.exp(-left); events++)
    product *= 1 - random.uniform()
  return events
}

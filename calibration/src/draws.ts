import type { RandomStream } from '@fairtrial/sequential'
import {
  accumulate,
  accumulatedMoments,
  binomialLogPmf,
  createAccumulator,
  type Moments,
} from '@fairtrial/statistics'

/** One unit's number. */
export type Draw = (random: RandomStream) => number

export const normal: Draw = (random) => random.normal()

/** Skewness 2, mean and standard deviation 1. */
export const exponential: Draw = (random) => -Math.log(1 - random.uniform())

/** exp(sd · Z), at most `cap`. Skewness 6.2 at sd 1, 414 at sd 2. */
export const lognormal =
  (sd: number, cap = Number.POSITIVE_INFINITY): Draw =>
  (random) =>
    Math.min(cap, Math.exp(sd * random.normal()))

/** How many units of n had it, each with probability p. */
export function binomial(random: RandomStream, n: number, p: number): number {
  if (p > 0.5) return n - binomial(random, n, 1 - p)
  return n * p < 10 ? byGaps(random, n, p) : byRejection(random, n, p)
}

/** From one success to the next lies a geometric number of units. */
function byGaps({ uniform }: RandomStream, n: number, p: number): number {
  if (p === 0) return 0
  const scale = 1 / Math.log1p(-p)
  let successes = -1
  for (let unit = 0; unit <= n; successes++) unit += 1 + Math.floor(Math.log(1 - uniform()) * scale)
  return successes
}

/** Transformed rejection with squeeze: BTRS (Hörmann, Journal of Statistical Computation and Simulation 46, 1993). */
function byRejection({ uniform }: RandomStream, n: number, p: number): number {
  const spread = Math.sqrt(n * p * (1 - p))
  const b = 1.15 + 2.53 * spread
  const a = -0.0873 + 0.0248 * b + 0.01 * p
  const alpha = (2.83 + 5.1 / b) * spread
  const squeeze = 0.92 - 4.2 / b
  const mode = Math.floor((n + 1) * p)
  for (;;) {
    const u = uniform() - 0.5
    const v = uniform()
    const edge = 0.5 - Math.abs(u)
    const k = Math.floor(((2 * a) / edge + b) * u + n * p + 0.5)
    if (edge >= 0.07 && v <= squeeze) return k
    if (k < 0 || k > n) continue
    const height = Math.log((v * alpha) / (a / (edge * edge) + b))
    if (height <= binomialLogPmf(k, n, p) - binomialLogPmf(mode, n, p)) return k
  }
}

/** The moments of n units, `hits` of them 1 and the others 0. */
export function onesAndZeros(hits: number, n: number): Moments {
  return { n, mean: hits / n, m2: (hits * (n - hits)) / n }
}

/** An arm that grows unit by unit, and is read at any time. */
export interface GrowingArm {
  readonly grow: (units: number) => void
  /** Of its units whose window has closed. */
  readonly moments: () => Moments
  /** Of all its units, with what came so far, where that is something else. */
  readonly current?: () => Moments
}

/** An arm of units with numbers. */
export function armOf(random: RandomStream, draw: Draw): GrowingArm {
  const accumulator = createAccumulator()
  return {
    grow: (units) => {
      for (let i = 0; i < units; i++) accumulate(accumulator, draw(random))
    },
    moments: () => accumulatedMoments(accumulator),
  }
}

/** An arm of units that have it or not. */
export function rateArm(random: RandomStream, rate: number): GrowingArm {
  let n = 0
  let hits = 0
  return {
    grow: (units) => {
      n += units
      hits += binomial(random, units, rate)
    },
    moments: () => onesAndZeros(hits, n),
  }
}

/** The moments of one arm of n units. */
export function sampleOf(random: RandomStream, draw: Draw, n: number): Moments {
  const arm = armOf(random, draw)
  arm.grow(n)
  return arm.moments()
}

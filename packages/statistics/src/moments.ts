import { type Estimable, notEstimable } from './estimable.ts'

/**
 * What a set of numbers leaves behind: enough for its mean and variance, and mergeable, so that shards and
 * days are folded apart and joined afterwards. Plain data: it can be logged, stored and read back.
 */
export interface Moments {
  /** How many numbers, a whole number ≥ 0. */
  readonly n: number
  /** Their mean; 0 when there are none. */
  readonly mean: number
  /** Sum of squared deviations from the mean, ≥ 0. Never a raw sum of squares: that loses all its digits. */
  readonly m2: number
}

/** The moments of no numbers: the neutral element of {@link mergeMoments}. */
export const emptyMoments: Moments = { n: 0, mean: 0, m2: 0 }

/** The moments with one more number in them (B. P. Welford, Technometrics 4, 1962). */
export function addValue(moments: Moments, value: number): Moments {
  const n = moments.n + 1
  const delta = value - moments.mean
  const mean = moments.mean + delta / n
  return { n, mean, m2: moments.m2 + delta * (value - mean) }
}

/**
 * The moments of two sets taken together (Chan, Golub & LeVeque, The American Statistician 37, 1983).
 * Associative and commutative up to rounding: within 8 ε |mean| / sd.
 */
export function mergeMoments(a: Moments, b: Moments): Moments {
  if (a.n === 0) return b
  if (b.n === 0) return a
  const n = a.n + b.n
  const delta = b.mean - a.mean
  // The smaller set moves the larger one's mean, so that the order of the two does not show.
  const mean = a.n >= b.n ? a.mean + delta * (b.n / n) : b.mean - delta * (a.n / n)
  return { n, mean, m2: a.m2 + b.m2 + delta * (delta * (a.n * (b.n / n))) }
}

/**
 * The moments of numbers at hand, in two passes with the rounding of the mean corrected for; exact to the last
 * digits also for values such as 1e9 ± 0.5.
 */
export function momentsOf(values: Iterable<number>): Moments {
  const all = Array.isArray(values) ? (values as readonly number[]) : [...values]
  const n = all.length
  if (n === 0) return emptyMoments
  const pivot = all[0]!
  let total = 0
  for (const value of all) total += value - pivot
  const mean = pivot + total / n
  let rest = 0
  let m2 = 0
  for (const value of all) {
    const deviation = value - mean
    rest += deviation
    m2 += deviation * deviation
  }
  return { n, mean: mean + rest / n, m2: m2 - rest * (rest / n) }
}

/** Folds a long stream without allocating; {@link accumulatedMoments} reads it at any time. */
export interface MomentsAccumulator {
  n: number
  /** The first value: all others are held as distances from it, which keeps the digits of 1e9 ± 0.5. */
  origin: number
  /** Mean distance from the origin. */
  mean: number
  m2: number
}

/** An accumulator with nothing in it. */
export function createAccumulator(): MomentsAccumulator {
  return { n: 0, origin: 0, mean: 0, m2: 0 }
}

/** Takes one number in, in place (Welford, on distances from the first number). */
export function accumulate(accumulator: MomentsAccumulator, value: number): void {
  if (accumulator.n === 0) accumulator.origin = value
  const distance = value - accumulator.origin
  accumulator.n += 1
  const delta = distance - accumulator.mean
  accumulator.mean += delta / accumulator.n
  accumulator.m2 += delta * (distance - accumulator.mean)
}

/** The moments of everything taken in so far, as plain data. */
export function accumulatedMoments(accumulator: MomentsAccumulator): Moments {
  return { n: accumulator.n, mean: accumulator.origin + accumulator.mean, m2: accumulator.m2 }
}

/** The sample variance, m2 / (n − 1). One unit has none; a constant has 0. */
export function sampleVariance(moments: Moments): Estimable<{ readonly variance: number }> {
  const { n, m2 } = moments
  if (n === 0) return notEstimable('no-data', 'there are no values to take a variance of')
  if (n === 1) return notEstimable('too-few-units', 'a single value has no variance')
  const variance = m2 / (n - 1)
  if (Number.isFinite(variance) && variance >= 0) return { variance }
  return notEstimable('non-finite', `the variance of n = ${n}, m2 = ${m2} is not a finite number ≥ 0`)
}

import { type Estimable, notEstimable } from './estimable.ts'

/**
 * Values counted in bins whose edges grow by one factor γ = (1 + accuracy) / (1 − accuracy): bin i holds the values in
 * (γ^(i−1), γ^i], and answers for all of them with one that is off by at most `accuracy` of itself (C. Masson, J. Rim &
 * H. K. Lee, DDSketch, VLDB 2019). Plain data; two of them merge exactly, by adding counts.
 */
export interface QuantileSketch {
  /** In (0, 1). */
  readonly accuracy: number
  /** Values of 0, and of less than 2.3e-308 either way, where doubles have no relative accuracy themselves. */
  readonly zeros: number
  /** Bin and count, bins rising. */
  readonly positive: readonly (readonly [bin: number, count: number])[]
  /** Of −value. */
  readonly negative: readonly (readonly [bin: number, count: number])[]
}

/** Which values to count how finely. */
export interface SketchOptions {
  /** How far a quantile may be off, as a share of itself. Default 0.001: some 3,500 bins from 0.001 to 1. */
  readonly accuracy?: number
}

const SMALLEST_NORMAL = 2 ** -1022

/**
 * The sketch of some numbers, in whatever order.
 *
 * @throws RangeError for a value that is not finite, or an accuracy outside (0, 1)
 */
export function sketchOf(values: Iterable<number>, { accuracy = 0.001 }: SketchOptions = {}): QuantileSketch {
  if (!(accuracy > 0 && accuracy < 1))
    throw new RangeError(`accuracy is ${accuracy}: give a share such as 0.001`)
  const logGamma = logGammaOf(accuracy)
  const positive = new Map<number, number>()
  const negative = new Map<number, number>()
  let zeros = 0
  for (const value of values) {
    if (!Number.isFinite(value)) throw new RangeError(`a value is ${value}: leave out what is not finite`)
    const size = Math.abs(value)
    if (size < SMALLEST_NORMAL) {
      zeros += 1
      continue
    }
    const bins = value > 0 ? positive : negative
    const bin = binOf(size, logGamma)
    bins.set(bin, (bins.get(bin) ?? 0) + 1)
  }
  return { accuracy, zeros, positive: rising(positive), negative: rising(negative) }
}

/**
 * The sketch of two sets of values taken together: the very one that all of them would have given.
 *
 * @throws RangeError when the two have different accuracies
 */
export function mergeSketches(a: QuantileSketch, b: QuantileSketch): QuantileSketch {
  if (a.accuracy !== b.accuracy) {
    throw new RangeError(`sketches of accuracy ${a.accuracy} and ${b.accuracy}: merge what has one accuracy`)
  }
  return {
    accuracy: a.accuracy,
    zeros: a.zeros + b.zeros,
    positive: mergeBins(a.positive, b.positive),
    negative: mergeBins(a.negative, b.negative),
  }
}

/** How many values are in it. */
export function sketchCount({ zeros, positive, negative }: QuantileSketch): number {
  return zeros + total(positive) + total(negative)
}

/**
 * The quantile at p in [0, 1]: the value at rank ⌈np⌉, at least 1 (type 1 of `sampleQuantile`, which occurs in the data),
 * off by at most the sketch's accuracy of itself.
 */
export function sketchQuantile(sketch: QuantileSketch, p: number): Estimable<{ readonly quantile: number }> {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`p is ${p}: give a share between 0 and 1`)
  const n = sketchCount(sketch)
  if (n === 0) return notEstimable('no-data', 'there are no values to take a quantile of')
  // A rank that misses a whole number by rounding alone is that number.
  const rank = Math.max(1, Math.ceil(n * p * (1 - 2 * Number.EPSILON)))
  return { quantile: sketchValueAt(sketch, rank) }
}

/** The value at a rank, 1 being the smallest of all: an order statistic, off by at most the accuracy of itself. */
export function sketchValueAt(sketch: QuantileSketch, rank: number): number {
  const n = sketchCount(sketch)
  if (!(rank >= 1 && rank <= n)) throw new RangeError(`rank is ${rank}: give one from 1 to ${n}`)
  let left = rank
  for (const [bin, count] of sketch.negative.toReversed()) {
    left -= count
    if (left <= 0) return -valueOf(bin, sketch.accuracy)
  }
  left -= sketch.zeros
  if (left <= 0) return 0
  for (const [bin, count] of sketch.positive) {
    left -= count
    if (left <= 0) return valueOf(bin, sketch.accuracy)
  }
  throw new RangeError('the counts of the sketch are not numbers')
}

/**
 * Where a value stands: how many values are surely below it (in lower bins), and how many are at most in its bin. The
 * true counts of values < and ≤ it lie between the two.
 */
export function sketchRank(
  { accuracy, zeros, positive, negative }: QuantileSketch,
  value: number,
): { readonly below: number; readonly atMost: number } {
  const size = Math.abs(value)
  const bin = size === Number.POSITIVE_INFINITY ? size : binOf(size, logGammaOf(accuracy))
  const before = (bins: QuantileSketch['positive']) => total(bins.filter(([each]) => each < bin))
  const within = (bins: QuantileSketch['positive']) => total(bins.filter(([each]) => each === bin))
  const all = total(negative)
  if (size < SMALLEST_NORMAL) return { below: all, atMost: all + zeros }
  if (value > 0) {
    const below = all + zeros + before(positive)
    return { below, atMost: below + within(positive) }
  }
  const atMost = all - before(negative)
  return { below: atMost - within(negative), atMost }
}

function logGammaOf(accuracy: number): number {
  return Math.log1p(accuracy) - Math.log1p(-accuracy)
}

function binOf(size: number, logGamma: number): number {
  return Math.ceil(Math.log(size) / logGamma)
}

/** The value as far from the bin's lower edge as from its upper, relative to each: 2γ^i / (γ + 1). */
function valueOf(bin: number, accuracy: number): number {
  return Math.min(Number.MAX_VALUE, Math.exp(bin * logGammaOf(accuracy) + Math.log1p(-accuracy)))
}

function rising(bins: ReadonlyMap<number, number>): [number, number][] {
  return [...bins].toSorted(([a], [b]) => a - b)
}

function mergeBins(a: QuantileSketch['positive'], b: QuantileSketch['positive']): QuantileSketch['positive'] {
  if (a.length === 0) return b
  if (b.length === 0) return a
  const merged = new Map(a)
  for (const [bin, count] of b) merged.set(bin, (merged.get(bin) ?? 0) + count)
  return rising(merged)
}

function total(bins: QuantileSketch['positive']): number {
  return bins.reduce((sum, [, count]) => sum + count, 0)
}

import { accumulate, accumulatedMoments, createAccumulator } from '@fairtrial/statistics'
import { normalMixtureMultiplier, type SequenceOptions } from './normal-mixture.ts'

/** A confidence sequence as it ran, one pair of bounds for each number of values from `fromN` on. */
export interface MeanPath {
  readonly fromN: number
  readonly lower: readonly number[]
  readonly upper: readonly number[]
}

/**
 * The asymptotic confidence sequence of one mean after each value, for drawing and for study. While all values
 * so far are equal the bounds coincide: no spread has been seen yet, and nothing may be concluded from it.
 */
export function meanPath(values: Iterable<number>, options: SequenceOptions): MeanPath {
  const lower: number[] = []
  const upper: number[] = []
  const accumulator = createAccumulator()
  const { side = 'both' } = options
  for (const value of values) {
    accumulate(accumulator, value)
    const { n, mean, m2 } = accumulatedMoments(accumulator)
    if (n < 2) continue
    const reach = normalMixtureMultiplier(n, options) * Math.sqrt(m2 / (n - 1) / n)
    lower.push(side === 'upper' ? Number.NEGATIVE_INFINITY : mean - reach)
    upper.push(side === 'lower' ? Number.POSITIVE_INFINITY : mean + reach)
  }
  return { fromN: 2, lower, upper }
}

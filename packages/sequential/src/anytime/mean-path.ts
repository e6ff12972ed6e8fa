import { accumulate, accumulatedMoments, createAccumulator } from '@fairtrial/statistics'
import { normalMixtureMultiplier, type SequenceOptions } from './normal-mixture.ts'
import { checkAlpha, checkRho } from './tuning.ts'

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
  return pathOf(
    values,
    options,
    (n, variance) => normalMixtureMultiplier(n, options) * Math.sqrt(variance / n),
  )
}

/**
 * The same for a mean that may drift from value to value: it covers the average of the means so far. Time is the
 * variance seen, n · s², so that `rho` is in squared units of the values: `explicitTuning({ alpha, tunedAt: n * s2 })`
 * (the Lyapunov-type sequence of Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas, Time-uniform central limit theory,
 * Annals of Statistics 2024). Without spread it is as wide as ρ makes it, never a point.
 */
export function lyapunovMeanPath(values: Iterable<number>, options: SequenceOptions): MeanPath {
  return pathOf(values, options, (n, variance) => {
    const time = n * variance
    // At time 0 the multiplier is infinite and the spread 0; their product has this limit.
    if (time === 0) return lyapunovStart(options) / n
    return (normalMixtureMultiplier(time, options) * Math.sqrt(time)) / n
  })
}

function lyapunovStart({ rho, alpha, side = 'both' }: SequenceOptions): number {
  checkAlpha(alpha)
  return Math.sqrt(2 * rho * (side === 'both' ? -Math.log(alpha) : Math.log1p(1 / (2 * alpha))))
}

function pathOf(
  values: Iterable<number>,
  { side = 'both', rho }: SequenceOptions,
  reachAt: (n: number, variance: number) => number,
): MeanPath {
  checkRho(rho)
  const lower: number[] = []
  const upper: number[] = []
  const accumulator = createAccumulator()
  for (const value of values) {
    accumulate(accumulator, value)
    const { n, mean, m2 } = accumulatedMoments(accumulator)
    if (n < 2) continue
    const reach = reachAt(n, m2 / (n - 1))
    lower.push(side === 'upper' ? Number.NEGATIVE_INFINITY : mean - reach)
    upper.push(side === 'lower' ? Number.POSITIVE_INFINITY : mean + reach)
  }
  return { fromN: 2, lower, upper }
}

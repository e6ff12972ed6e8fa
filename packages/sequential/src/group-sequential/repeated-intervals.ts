import type { Interval } from '@fairtrial/statistics'
import type { Boundaries } from './boundaries.ts'
import { checkBounds } from './bounds.ts'
import { checkEstimate } from './stagewise.ts'

/** An estimate as a fixed test would give it. */
export interface LookEstimate {
  readonly estimate: number
  readonly standardError: number
}

/**
 * Repeated confidence intervals, one for each look so far: estimate ± bound · standard error (Jennison & Turnbull,
 * JRSS B 51, 1989). All of them hold together, whether or not one stops; after a stop {@link stagewiseInference} is
 * narrower. The level is 1 − alpha, with one side 1 − 2 alpha; at a look without a bound the interval is unbounded.
 */
export function repeatedIntervals(boundaries: Boundaries, looks: readonly LookEstimate[]): Interval[] {
  checkBounds(boundaries)
  const { upper, alpha, sides } = boundaries
  if (looks.length > upper.length) {
    throw new RangeError(
      `looks has ${looks.length} estimates for ${upper.length} bounds: give those of the looks so far`,
    )
  }
  return looks.map(({ estimate, standardError }, i) => {
    checkEstimate(estimate, standardError)
    const reach = (upper[i] ?? Number.POSITIVE_INFINITY) * standardError
    return { level: 1 - (2 * alpha) / sides, lower: estimate - reach, upper: estimate + reach }
  })
}

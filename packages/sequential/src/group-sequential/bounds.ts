import { checkFractions } from './design.ts'
import { advance, type Direction, type Paths, pathsFrom, tailBeyond } from './paths.ts'

/** Where a trial stops, as z-statistics. null: it cannot stop there at that look. */
export interface StoppingBounds {
  /** Information at each look over the information planned for the end, rising. */
  readonly informationFractions: readonly number[]
  /** At or above: stop for an increase. One for each look. */
  readonly upper: readonly (number | null)[]
  /** At or below: stop for a decrease, or for futility. Absent where nothing stops downwards. */
  readonly lower?: readonly (number | null)[]
  /**
   * False when the lower bounds are advice that may be overruled: p-values, intervals and the chance of a false stop
   * are then told as though there were none. What is expected of the trial still heeds them.
   */
  readonly isBinding?: boolean
}

/** The bounds with those lower ones left out that are advice only. */
export function bindingBounds(bounds: StoppingBounds): StoppingBounds {
  const { informationFractions, upper } = bounds
  return bounds.isBinding === false ? { informationFractions, upper } : bounds
}

/** The upper bounds, and their mirror images where both directions stop. */
export function withSides(bounds: StoppingBounds, sides: 1 | 2): StoppingBounds {
  return sides === 1
    ? bounds
    : { ...bounds, lower: bounds.upper.map((bound) => (bound === null ? null : -bound)) }
}

/** A look of a walk: the paths before it, and its bounds as scores (infinite where there is none). */
interface Passing {
  readonly index: number
  readonly fraction: number
  readonly before: Paths
  readonly lower: number
  readonly upper: number
}

/** Walks along the looks `from` (an index) to the last, telling each, under a drift. */
export function walk(
  { informationFractions: fractions, upper, lower }: StoppingBounds,
  drift: number,
  tell: (look: Passing) => void,
  { paths = pathsFrom(), from = 0 } = {},
): void {
  let before = paths
  for (let index = from; index < fractions.length; index++) {
    const fraction = fractions[index]!
    const scores = {
      lower: (lower?.[index] ?? Number.NEGATIVE_INFINITY) * Math.sqrt(fraction),
      upper: (upper[index] ?? Number.POSITIVE_INFINITY) * Math.sqrt(fraction),
    }
    tell({ index, fraction, before, ...scores })
    const next = fractions[index + 1]
    if (next !== undefined) before = advance(before, { fraction, next, ...scores }, drift)
  }
}

/** P(stopped by a bound in `direction`) at each look of a walk. */
export function crossings(
  { before, fraction, lower, upper }: Passing,
  drift: number,
  direction: Direction,
): number {
  const score = direction === 1 ? upper : lower
  return Number.isFinite(score) ? tailBeyond(before, fraction, score, drift, direction) : 0
}

/** Throws unless there is a bound, or null, for each look, and no lower one above its upper one. */
export function checkBounds({ informationFractions, upper, lower }: StoppingBounds): void {
  checkFractions(informationFractions)
  for (const [name, bounds] of Object.entries({ upper, lower })) {
    if (bounds === undefined) continue
    if (bounds.length !== informationFractions.length) {
      throw new RangeError(
        `${name} has ${bounds.length} bounds for ${informationFractions.length} looks: give one to each, null where none`,
      )
    }
    const strange = bounds.findIndex((bound) => bound !== null && !Number.isFinite(bound))
    if (strange >= 0) {
      throw new RangeError(
        `${name}[${strange}] is ${bounds[strange]}: give a finite z, or null for no stopping`,
      )
    }
  }
  const crossed = lower?.findIndex(
    (bound, i) => bound !== null && bound > (upper[i] ?? Number.POSITIVE_INFINITY),
  )
  if (crossed !== undefined && crossed >= 0) {
    throw new RangeError(
      `lower[${crossed}] is ${lower![crossed]}, above upper[${crossed}], ${upper[crossed]}: swap them`,
    )
  }
}

/** Throws unless the drift is a number. */
export function checkDrift(drift: number): void {
  if (!Number.isFinite(drift)) {
    throw new RangeError(`drift is ${drift}: give the mean of Z at full information, as 2.8; 0 for no effect`)
  }
}

import { normalSf } from '@fairtrial/statistics'
import { bindingBounds, type StoppingBounds, withSides } from './bounds.ts'
import { classicalBounds } from './classical-bounds.ts'
import { checkDesign, type GroupSequentialDesign, isClassical } from './design.ts'
import { probabilitiesOf } from './exit-probabilities.ts'
import { followSpending } from './spending-bounds.ts'

/** The bounds of a group-sequential design. With two sides the lower mirror the upper. */
export interface Boundaries extends StoppingBounds {
  readonly sides: 1 | 2
  readonly alpha: number
  /** One-sided p-value of a fixed test at each upper bound; 0 where there is none. */
  readonly nominalP: readonly number[]
  /** Alpha spent up to each look, both sides together. */
  readonly cumulativeAlpha: readonly number[]
}

/**
 * The bounds of a design: at every look P(not stopped before, and beyond the bound) is what the rule spends there.
 * Under a spending function the looks past keep their bounds whatever looks come later, so a look may be added, moved
 * or left out as long as its time was not chosen by looking at the effect (Lan & DeMets 1983).
 *
 * Bounds are right to 1e-10 below z = 7 and to 1e-7 beyond; one beyond 8.9 is null: nobody stops there.
 *
 * @throws RangeError when fractions, rule, sides or alpha make no design
 */
export function groupSequentialBoundaries(design: GroupSequentialDesign): Boundaries {
  checkDesign(design)
  const { informationFractions, rule, sides, alpha } = design
  const upper = isClassical(rule) ? classicalBounds(design, rule) : followSpending(design, rule).upper
  return describeBounds(withSides({ informationFractions, upper }, sides), sides, alpha)
}

/** Bounds with what they spend. */
export function describeBounds(bounds: StoppingBounds, sides: 1 | 2, alpha: number): Boundaries {
  let spent = 0
  return {
    ...bounds,
    sides,
    alpha,
    nominalP: bounds.upper.map((bound) => (bound === null ? 0 : normalSf(bound))),
    cumulativeAlpha: probabilitiesOf(bindingBounds(bounds), 0).upper.map((each) => (spent += sides * each)),
  }
}

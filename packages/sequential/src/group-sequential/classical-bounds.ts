import { normalQuantile } from '@fairtrial/statistics'
import { withSides } from './bounds.ts'
import type { ClassicalShape, GroupSequentialDesign } from './design.ts'
import { probabilitiesOf } from './exit-probabilities.ts'
import { monotoneRoot } from './monotone-root.ts'

/** The bounds of a classical shape with the constant C, the bound of the last look. */
export function classicalShape(
  fractions: readonly number[],
  shape: ClassicalShape,
): (constant: number) => number[] {
  const delta = deltaOf(shape)
  const factors = fractions.map((fraction) => (fraction / fractions.at(-1)!) ** (delta - 0.5))
  return (constant) => factors.map((factor) => constant * factor)
}

function deltaOf(shape: ClassicalShape): number {
  if (shape.type === 'wang-tsiatis') return shape.delta
  return shape.type === 'pocock' ? 0.5 : 0
}

/** Chance that one side of these bounds is crossed where there is no effect. */
export function sideError(
  informationFractions: readonly number[],
  upper: readonly number[],
  sides: 1 | 2,
): number {
  return probabilitiesOf(withSides({ informationFractions, upper }, sides), 0).power
}

/** The bounds that spend alpha: C by root search. */
export function classicalBounds(design: GroupSequentialDesign, shape: ClassicalShape): number[] {
  const { informationFractions: fractions, sides, alpha } = design
  const boundsOf = classicalShape(fractions, shape)
  const error = alpha / sides
  if (fractions.length === 1) return boundsOf(-normalQuantile(error))
  const excess = (constant: number) => Math.log(sideError(fractions, boundsOf(constant), sides) / error)
  // The last look alone spends less than all; all of them at most what each would spend alone.
  const low = -normalQuantile(error)
  const high = -normalQuantile(error / fractions.length) / Math.min(1, ...boundsOf(1))
  return boundsOf(monotoneRoot(excess, low, high))
}

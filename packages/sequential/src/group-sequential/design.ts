import { checkSpending, type SpendingFunction } from './spending.ts'

/**
 * The classical shapes, made for looks that were all planned: the bound at fraction t of the last look is
 * C t^(delta − ½). delta is 0 for O'Brien & Fleming (Biometrics 35, 1979), ½ for Pocock (Biometrika 64, 1977),
 * anything between for Wang & Tsiatis (Biometrics 43, 1987).
 */
export type ClassicalShape =
  | { readonly type: 'obrien-fleming' }
  | { readonly type: 'pocock' }
  | { readonly type: 'wang-tsiatis'; readonly delta: number }

/** What makes the bounds: a spending function, which takes any looks, or a classical shape, which wants the planned. */
export type BoundaryRule = SpendingFunction | ClassicalShape

/** When is looked, and for what: everything of a design but its error. */
export interface LookPlan {
  /**
   * Information at each look over the information planned for the end, rising; for a mean, units over planned units.
   * Above 1 where the trial ran over. Looks past are given as they were, looks to come as planned.
   */
  readonly informationFractions: readonly number[]
  readonly rule: BoundaryRule
  /** 1: only an increase is looked for, and stops. 2: both directions, with half of alpha each. */
  readonly sides: 1 | 2
  /** True when no look will follow the last one given: it spends what is left of alpha, also below fraction 1. */
  readonly isFinal?: boolean
}

/** A group-sequential design. */
export interface GroupSequentialDesign extends LookPlan {
  /** Chance to stop for an effect that is not there, over all looks and both sides together. */
  readonly alpha: number
}

/** Two looks must differ by this share of the information: between closer ones the integrals take seconds. */
const CLOSEST = 1e-5

/** Throws unless the fractions are finite, positive and rising. */
export function checkFractions(fractions: readonly number[]): void {
  if (fractions.length === 0) {
    throw new RangeError(
      'informationFractions is empty: give the fraction of each look, as [0.25, 0.5, 0.75, 1]',
    )
  }
  for (const [i, fraction] of fractions.entries()) {
    if (!(fraction > 0 && Number.isFinite(fraction))) {
      throw new RangeError(`informationFractions[${i}] is ${fraction}: give a finite number above 0`)
    }
    const before = i === 0 ? 0 : fractions[i - 1]!
    if (fraction - before < CLOSEST * fraction) {
      throw new RangeError(
        `informationFractions[${i}] is ${fraction} after ${before}: each look must add at least a hundred-thousandth; sort them, and leave out a look without new data`,
      )
    }
  }
}

/** Throws unless the plan can be followed. */
export function checkPlan({ informationFractions, rule, sides }: LookPlan): void {
  checkFractions(informationFractions)
  if (sides !== 1 && sides !== 2) throw new RangeError(`sides is ${String(sides)}: give 1 or 2`)
  if (!isClassical(rule)) checkSpending(rule)
  else if (rule.type === 'wang-tsiatis' && !(rule.delta >= -1 && rule.delta <= 1)) {
    throw new RangeError(
      `delta is ${rule.delta}: give 0 (O'Brien-Fleming) to 0.5 (Pocock), at the utmost -1 to 1`,
    )
  }
}

/** Throws unless the design has a plan and an error. */
export function checkDesign(design: GroupSequentialDesign): void {
  checkPlan(design)
  const { alpha, sides, rule } = design
  const most = sides === 1 && isClassical(rule) ? 0.5 : 1
  if (!(alpha > 0 && alpha < most)) {
    throw new RangeError(`alpha is ${alpha}: give a probability above 0 and below ${most}, as 0.05`)
  }
}

/** Whether the rule is a classical shape. */
export function isClassical(rule: BoundaryRule): rule is ClassicalShape {
  return rule.type === 'obrien-fleming' || rule.type === 'pocock' || rule.type === 'wang-tsiatis'
}

import { normalSf } from '@fairtrial/statistics'
import { classicalShape, sideError } from './classical-bounds.ts'
import { checkPlan, type ClassicalShape, isClassical, type LookPlan } from './design.ts'
import { monotoneRoot } from './monotone-root.ts'
import { tailBeyond } from './paths.ts'
import type { SpendingFunction } from './spending.ts'
import { errorAt, followSpending } from './spending-bounds.ts'

/**
 * The smallest alpha whose bounds some look so far has crossed (Liu & Anderson, JASA 103, 2008): valid at every look,
 * whether the trial stopped or not, and never rising. `z` are the statistics of the looks so far. 1 where no alpha
 * would do; where an alpha is below 1e-299, that.
 */
export function sequentialPValue(plan: LookPlan, z: readonly number[]): number {
  return Math.min(...crossingAlphas(plan, z))
}

/**
 * For each look the smallest alpha whose bound at that look its z has reached: the p-values that belong to repeated
 * confidence intervals (Jennison & Turnbull, JRSS B 51, 1989). One-sided, 0.5 stands for one half or more.
 */
export function repeatedPValues(plan: LookPlan, z: readonly number[]): number[] {
  return crossingAlphas(plan, z).map((alpha) => (plan.sides === 1 ? Math.min(0.5, alpha) : alpha))
}

function crossingAlphas(plan: LookPlan, z: readonly number[]): number[] {
  checkPlan(plan)
  const looks = plan.informationFractions.length
  if (z.length === 0 || z.length > looks) {
    throw new RangeError(
      `z has ${z.length} statistics for ${looks} looks: give those of the looks so far, at least one`,
    )
  }
  const strange = z.findIndex((each) => !Number.isFinite(each))
  if (strange >= 0)
    throw new RangeError(`z[${strange}] is ${z[strange]}: give the finite z-statistic of that look`)
  const { rule, sides } = plan
  return z.map((each, index) => {
    const reached = sides === 2 ? Math.abs(each) : each
    return isClassical(rule)
      ? classicalAlpha(plan, rule, reached, index)
      : spendingAlpha(plan, rule, reached, index)
  })
}

/** What the design spends that has z for its bound at that look. */
function classicalAlpha(plan: LookPlan, shape: ClassicalShape, z: number, index: number): number {
  const { informationFractions, sides } = plan
  const boundsOf = classicalShape(informationFractions, shape)
  const constant = z / boundsOf(1)[index]!
  // Where the constant turns negative so does the order of the bounds; alpha is above one half there.
  if (constant <= 0) return sides === 2 ? 1 : 0.5
  return sides * sideError(informationFractions, boundsOf(constant), sides)
}

/** z has reached its bound exactly when no more lies beyond z than may be spent there: no bound need be found. */
function spendingAlpha(plan: LookPlan, spending: SpendingFunction, z: number, index: number): number {
  const informationFractions = plan.informationFractions.slice(0, index + 1)
  const isFinal = plan.isFinal === true && index === plan.informationFractions.length - 1
  const fraction = informationFractions[index]!
  const surplus = (quantile: number) => {
    const design = { ...plan, informationFractions, isFinal, alpha: normalSf(quantile) }
    const spent = errorAt(design, spending, index)
    if (!(spent > 0)) return Number.NEGATIVE_INFINITY
    const { beforeLast } = followSpending(design, spending)
    return Math.log(spent / tailBeyond(beforeLast, fraction, z * Math.sqrt(fraction), 0))
  }
  if (surplus(LARGEST_ALPHA) < 0) return 1
  if (surplus(SMALLEST_ALPHA) > 0) return normalSf(SMALLEST_ALPHA)
  return normalSf(monotoneRoot(surplus, LARGEST_ALPHA, SMALLEST_ALPHA))
}

/** The alphas searched, as upper normal quantiles: 0.9987 to 6e-300. */
const LARGEST_ALPHA = -3
const SMALLEST_ALPHA = 37

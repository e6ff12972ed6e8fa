import {
  driftForPower,
  exitProbabilities,
  explicitTuning,
  groupSequentialBoundaries,
  normalMixtureMultiplier,
  type Side,
  type SpendingFunction,
  type StoppingBounds,
} from '@fairtrial/sequential'
import { normalCdf, normalQuantile } from '@fairtrial/statistics'

/** How a trial is stopped that is looked at more than once. */
export type StoppingPlan =
  | { readonly type: 'group-sequential'; readonly spending: SpendingFunction }
  | { readonly type: 'anytime'; readonly tuneAt: number | undefined }
  | { readonly type: 'hybrid'; readonly spending: SpendingFunction; readonly tuneAt: number | undefined }

/** A stopping plan with its looks and its error. */
export interface StoppingRule {
  /** The bounds of a trial that ends with so many units in the two arms that are compared. */
  readonly boundsAt: (units: number) => StoppingBounds
  /** The power that one look would have with as many units as the rule needs for `power`. */
  readonly oneLookPower: (power: number, units: number) => number
  /** The mean of Z at the end, where one look has a power. */
  readonly driftOf: (oneLookPower: number) => number
}

/** Beyond, a power is 1 or 0 in doubles. */
const LARGEST_DRIFT = 35

/** The rule of a plan, its error `alpha` over all looks and sides. */
export function stoppingRule(
  plan: StoppingPlan,
  informationFractions: readonly number[],
  { alpha, sides }: { readonly alpha: number; readonly sides: 1 | 2 },
): StoppingRule {
  const threshold = -normalQuantile(alpha / sides)
  const boundsAt = boundsOf(plan, informationFractions, alpha, sides)
  // A tuning that was fixed in units makes bounds that hang on how many there will be; others are always the same.
  const isFixed = plan.type === 'group-sequential' || plan.tuneAt === undefined
  const known = new Map<string, number>()
  return {
    boundsAt,
    oneLookPower: (power, units) => {
      const key = `${power} ${isFixed ? '' : units}`
      const found = known.get(key) ?? normalCdf(driftForPower(boundsAt(units), power) - threshold)
      known.set(key, found)
      return found
    },
    driftOf: (oneLookPower) => {
      const drift = threshold + normalQuantile(oneLookPower)
      return Math.max(-LARGEST_DRIFT, Math.min(LARGEST_DRIFT, drift))
    },
  }
}

/** Chance that the rule finds the effect, where one look at the end has a power. */
export function powerUnder(rule: StoppingRule, oneLookPower: number, units: number): number {
  return exitProbabilities(rule.boundsAt(units), rule.driftOf(oneLookPower)).power
}

function boundsOf(
  plan: StoppingPlan,
  informationFractions: readonly number[],
  alpha: number,
  sides: 1 | 2,
): (units: number) => StoppingBounds {
  if (plan.type === 'group-sequential') {
    const bounds = groupSequentialBoundaries({ informationFractions, rule: plan.spending, sides, alpha })
    return () => bounds
  }
  const sequence = (units: number, error: number, side: Side) => {
    // One-sided sequences are tuned at twice their error, as everywhere.
    const target = { alpha: side === 'both' ? error : 2 * error, tunedAt: plan.tuneAt ?? units }
    const options = { ...explicitTuning(target), alpha: error, side }
    return informationFractions.map((fraction) => normalMixtureMultiplier(fraction * units, options))
  }
  const mirrored = (bounds: readonly number[]) => bounds.map((bound) => -bound)
  if (plan.type === 'anytime') {
    return (units) => {
      const upper = sequence(units, alpha, sides === 1 ? 'lower' : 'both')
      return { informationFractions, upper, ...(sides === 2 && { lower: mirrored(upper) }) }
    }
  }
  const rule = plan.spending
  const { upper } = groupSequentialBoundaries({ informationFractions, rule, sides: 1, alpha: alpha / 2 })
  return (units) => ({
    informationFractions,
    upper,
    lower: mirrored(sequence(units, alpha / 2, 'upper')),
  })
}

import { type Boundaries, describeBounds } from './boundaries.ts'
import { checkDrift } from './bounds.ts'
import { checkDesign } from './design.ts'
import { inflationOf } from './drift.ts'
import { monotoneRoot } from './monotone-root.ts'
import { advance, boundOf, type Paths, pathsFrom, tailBeyond } from './paths.ts'
import type { SpendingFunction } from './spending.ts'
import { errorAt } from './spending-bounds.ts'

/** A one-sided design that also stops where an effect is no longer to be hoped for. */
export interface FutilityDesign {
  /** Information at each look over the information planned for the end, rising. */
  readonly informationFractions: readonly number[]
  readonly alphaSpending: SpendingFunction
  readonly betaSpending: SpendingFunction
  /** One-sided chance to stop for an increase that is not there. */
  readonly alpha: number
  /** Chance to miss the effect that the design is powered for. */
  readonly beta: number
  /**
   * True: who crosses a futility bound must stop, and the upper bounds are lower for it. False, the default: alpha is
   * kept whether or not one stops.
   */
  readonly isBinding?: boolean
  /**
   * The drift planned, to bound looks that come otherwise than planned. Absent: the drift with which the design spends
   * exactly beta and its bounds meet at the last look.
   */
  readonly drift?: number
  /** With `drift`: true when no look follows the last one given. Without, the last look is always the end. */
  readonly isFinal?: boolean
}

/** Upper bounds for an effect, lower ones for futility; they meet at the end. */
export interface FutilityBoundaries extends Boundaries {
  readonly lower: readonly (number | null)[]
  readonly isBinding: boolean
  readonly beta: number
  /** The mean of Z at full information under the effect that the design is powered for. */
  readonly drift: number
  /** Maximum sample size over that of one look with the same alpha and power. */
  readonly inflation: number
}

/**
 * Futility by beta spending (Pampallona, Tsiatis & Kim, Drug Information Journal 35, 2001): at every look
 * P_θ(not stopped before, and at or below the bound) is the beta that is spent there, θ the drift of the alternative.
 *
 * @throws RangeError when there is no such design: the bounds would meet before the last look
 */
export function futilityBoundaries(design: FutilityDesign): FutilityBoundaries {
  const { informationFractions, alphaSpending, alpha, betaSpending, beta, isBinding = false } = design
  const isFinal = design.isFinal ?? design.drift === undefined
  const upwards = { informationFractions, rule: alphaSpending, sides: 1, alpha, isFinal } as const
  checkDesign(upwards)
  checkDesign({ ...upwards, rule: betaSpending })
  if (!(beta > 0 && beta < 1 - alpha)) {
    throw new RangeError(`beta is ${beta}: give a probability above 0 and below 1 - alpha, as 0.2`)
  }
  const downwards = { ...upwards, alpha: beta }
  const errors = informationFractions.map((_, i) => ({
    alpha: errorAt(upwards, alphaSpending, i),
    beta: errorAt(downwards, betaSpending, i),
  }))
  const pass = (drift: number) => boundBothWays(informationFractions, errors, drift, isBinding)

  let { drift } = design
  if (drift === undefined) {
    drift = monotoneRoot((each) => pass(each).excess, 2, 4)
    // Not a root but a jump: there the bounds meet at an earlier look.
    if (!(Math.abs(pass(drift).excess) < 1e-6)) {
      throw new RangeError(
        `beta ${beta} is spent before the last of ${informationFractions.length} looks: choose a betaSpending that spends later, or fewer looks`,
      )
    }
  }
  checkDrift(drift)
  const { upper, lower } = pass(drift)
  if (isFinal || informationFractions.at(-1)! >= 1) lower[lower.length - 1] = upper.at(-1)!
  const bounds = { informationFractions, upper, lower, isBinding }
  return {
    ...describeBounds(bounds, 1, alpha),
    lower,
    isBinding,
    beta,
    drift,
    inflation: inflationOf(drift, alpha, 1 - beta),
  }
}

/**
 * Both bounds under a drift. `excess` is ln of what is left below the last upper bound over the beta that is left for
 * it: 0 at the drift where the bounds meet, less where the drift is larger, −∞ where they would meet too early.
 */
function boundBothWays(
  fractions: readonly number[],
  errors: readonly { readonly alpha: number; readonly beta: number }[],
  drift: number,
  isBinding: boolean,
) {
  const upper: (number | null)[] = []
  const lower: (number | null)[] = []
  let excess = 0
  let underNull: Paths = pathsFrom()
  let underDrift: Paths = pathsFrom()
  for (const [i, fraction] of fractions.entries()) {
    const root = Math.sqrt(fraction)
    const above = boundOf(underNull, fraction, errors[i]!.alpha, 0)
    const below = boundOf(underDrift, fraction, errors[i]!.beta, drift, -1)
    const stop = (above ?? Number.POSITIVE_INFINITY) * root
    const meets = below !== null && above !== null && below >= above
    upper.push(above)
    lower.push(meets ? above : below)
    const next = fractions[i + 1]
    if (next === undefined) {
      excess += Math.log(tailBeyond(underDrift, fraction, stop, drift, -1) / errors[i]!.beta)
      break
    }
    if (meets) excess = Number.NEGATIVE_INFINITY
    const futile = (lower[i] ?? Number.NEGATIVE_INFINITY) * root
    const ahead = { fraction, upper: stop, next }
    underDrift = advance(underDrift, { ...ahead, lower: futile }, drift)
    underNull = advance(underNull, { ...ahead, lower: isBinding ? futile : Number.NEGATIVE_INFINITY }, 0)
  }
  return { upper, lower, excess }
}

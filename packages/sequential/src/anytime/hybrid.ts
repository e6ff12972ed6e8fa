import { groupSequentialBoundaries } from '../group-sequential/boundaries.ts'
import type { BoundaryRule } from '../group-sequential/design.ts'
import { normalMixtureMultiplier } from './normal-mixture.ts'
import { checkAlpha, checkPositive, checkRho, type TwoSidedSequence } from './tuning.ts'

/** Watch for harm at every look, and test for benefit at a few planned ones. `alpha` is for both together. */
export interface HybridPlan extends TwoSidedSequence {
  /** How the benefit's half of alpha is spent over the planned looks. */
  readonly rule: BoundaryRule
  /** 1, the default: the harm boundary spends its half on harm alone. 2: on both directions, as peers do. */
  readonly harmSides?: 1 | 2
}

/** A look under a hybrid plan. */
export interface HybridLook {
  /** Units with a final outcome, both arms together. */
  readonly n: number
  /** Information of the benefit test's looks up to and with this one; empty at a look for harm only. */
  readonly informationFractions: readonly number[]
  readonly isFinal?: boolean
}

/** Where the z-statistic stops the trial, larger being better. */
export interface HybridLimits {
  /** At or below, a number below 0: stop for harm. Valid at any look, planned or not. */
  readonly harm: number
  /** At or above: stop for benefit. null: not at this look. */
  readonly benefit: number | null
}

/**
 * The limits of a hybrid plan at a look: an anytime-valid harm boundary throughout with half of alpha (Howard, Ramdas,
 * McAuliffe & Sekhon 2021), a group-sequential, one-sided benefit test with the other half (Lan & DeMets 1983; the
 * combination is Eppo's). Tune ρ for half of alpha: `explicitTuning({ alpha, tunedAt })`, which is 2 · α/2.
 */
export function hybridLimits(look: HybridLook, plan: HybridPlan): HybridLimits {
  const { rho, rule, harmSides = 1 } = plan
  checkAlpha(plan.alpha)
  checkRho(rho)
  checkPositive('n', look.n, 'give the units with a final outcome')
  const alpha = plan.alpha / 2
  const side = harmSides === 1 ? 'upper' : 'both'
  const { informationFractions, isFinal = false } = look
  const benefit =
    informationFractions.length === 0
      ? null
      : groupSequentialBoundaries({ informationFractions, rule, sides: 1, alpha, isFinal }).upper.at(-1)!
  return { harm: -normalMixtureMultiplier(look.n, { rho, alpha, side }), benefit }
}

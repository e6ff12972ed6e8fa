import { checkBounds, checkDrift, crossings, type StoppingBounds, walk } from './bounds.ts'

/** What becomes of a trial under one drift. */
export interface ExitProbabilities {
  /** Chance to stop at each look by its upper bound. */
  readonly upper: readonly number[]
  /** … by its lower bound. */
  readonly lower: readonly number[]
  /** Chance to stop by an upper bound at any look: the power, where the drift is an effect. */
  readonly power: number
  /** Mean information fraction when the trial ends; a trial that crosses no bound ends at its last look. */
  readonly expectedInformation: number
}

/**
 * Where and when a trial ends if the mean of Z at full information is `drift`, by the recursion of Armitage,
 * McPherson & Rowe (1969). Absolute error about 1e-12.
 */
export function exitProbabilities(bounds: StoppingBounds, drift: number): ExitProbabilities {
  checkBounds(bounds)
  checkDrift(drift)
  return probabilitiesOf(bounds, drift)
}

/** The same of bounds that were checked, or were made here. */
export function probabilitiesOf(bounds: StoppingBounds, drift: number): ExitProbabilities {
  const upper: number[] = []
  const lower: number[] = []
  walk(bounds, drift, (look) => {
    upper.push(crossings(look, drift, 1))
    lower.push(crossings(look, drift, -1))
  })
  const last = bounds.informationFractions.at(-1)!
  let expectedInformation = last
  for (const [i, fraction] of bounds.informationFractions.entries()) {
    expectedInformation -= (last - fraction) * (upper[i]! + lower[i]!)
  }
  return { upper, lower, power: upper.reduce((total, each) => total + each, 0), expectedInformation }
}

import { normalQuantile } from '@fairtrial/statistics'
import type { Boundaries } from './boundaries.ts'
import { checkBounds, type StoppingBounds } from './bounds.ts'
import { probabilitiesOf } from './exit-probabilities.ts'
import { monotoneRoot } from './monotone-root.ts'

/**
 * The mean of Z at full information with which an upper bound is crossed with probability `power`. An effect δ with
 * the standard error s at full information has the drift δ/s.
 */
export function driftForPower(bounds: StoppingBounds, power: number): number {
  checkBounds(bounds)
  checkPower(power)
  if (bounds.upper.every((bound) => bound === null)) {
    throw new RangeError('upper has no bound, so that no drift gives power: give a bound to some look')
  }
  const target = normalQuantile(power)
  // On the probit scale power is nearly a straight line in the drift.
  const excess = (drift: number) => probit(probabilitiesOf(bounds, drift).power) - target
  return monotoneRoot(excess, 1, 4)
}

/**
 * How much larger the maximum sample size must be than that of one look with the same alpha and power:
 * (drift / (z_{1−a} + z_power))², a the error of one side.
 */
export function inflationFactor(boundaries: Boundaries, power: number): number {
  return inflationOf(driftForPower(boundaries, power), boundaries.alpha / boundaries.sides, power)
}

/** Information with a drift over that of a fixed test with the same power. */
export function inflationOf(drift: number, error: number, power: number): number {
  return (drift / (normalQuantile(power) - normalQuantile(error))) ** 2
}

/** The normal quantile, kept finite: beyond 38 a probability is not a double. */
export function probit(probability: number): number {
  return Math.max(-38, Math.min(38, normalQuantile(Math.min(1, probability))))
}

/** Throws unless the power is a probability. */
function checkPower(power: number): void {
  if (!(power > 0 && power < 1))
    throw new RangeError(`power is ${power}: give a probability between 0 and 1, as 0.8`)
}

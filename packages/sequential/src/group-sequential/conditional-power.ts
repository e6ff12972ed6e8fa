import { checkBounds, checkDrift, crossings, type StoppingBounds, walk } from './bounds.ts'
import { pathsFrom } from './paths.ts'

/** Where a running trial stands. */
export interface Standing {
  /** Number of the look, from 1. */
  readonly look: number
  /** The z-statistic at that look. */
  readonly z: number
}

/** What is believed of the drift beside the data: a normal distribution, fixed before them. */
export interface DriftPrior {
  readonly mean: number
  readonly variance: number
}

/**
 * Probability to cross an upper bound at a later look, given z now and a drift (the mean of Z at full information):
 * that of the design, 0 for no effect; the trend seen so far, z/√t, if none is given. Jennison & Turnbull, Group
 * Sequential Methods (2000), chapter 10.
 */
export function conditionalPower(bounds: StoppingBounds, standing: Standing, drift?: number): number {
  checkStanding(bounds, standing)
  const { look, z } = standing
  const fraction = bounds.informationFractions[look - 1]!
  const root = Math.sqrt(fraction)
  const assumed = drift ?? z / root
  checkDrift(assumed)
  return powerFrom(bounds, look, assumed, fraction, z * root)
}

/**
 * Conditional power averaged over what the data so far, and a prior if there is one, say about the drift (Spiegelhalter,
 * Freedman & Blackburn, Controlled Clinical Trials 7, 1986). Without a prior every drift was equally likely before.
 *
 * The posterior mean of the drift is a Brownian motion again, without drift, on a clock that shows by how much its
 * variance has fallen: one recursion gives the average.
 */
export function predictivePower(bounds: StoppingBounds, standing: Standing, prior?: DriftPrior): number {
  checkStanding(bounds, standing)
  if (prior !== undefined) checkPrior(prior)
  const { look, z } = standing
  const { informationFractions, upper, lower } = bounds
  const now = informationFractions[look - 1]!
  const precision = prior ? 1 / prior.variance : 0
  const variance = (fraction: number) => 1 / (precision + fraction)
  const score = z * Math.sqrt(now)
  const mean = ((prior?.mean ?? 0) * precision + score) * variance(now)
  const clock = informationFractions.map((fraction) => (fraction - now) * variance(now) * variance(fraction))
  // By how much the posterior mean must move to a bound, over the root of the clock: the bound's z in the new time.
  const onClock = (list: readonly (number | null)[]) =>
    list.map((bound, i) => {
      const fraction = informationFractions[i]!
      if (bound === null || i < look) return null
      const surplus = bound * Math.sqrt(fraction) - score - mean * (fraction - now)
      return (surplus * variance(fraction)) / Math.sqrt(clock[i]!)
    })
  const ahead = {
    informationFractions: clock,
    upper: onClock(upper),
    ...(lower && { lower: onClock(lower) }),
  }
  return powerFrom(ahead, look, 0, 0, 0)
}

function powerFrom(
  bounds: StoppingBounds,
  look: number,
  drift: number,
  fraction: number,
  score: number,
): number {
  let power = 0
  const start = { paths: pathsFrom(fraction, score), from: look }
  walk(bounds, drift, (passing) => (power += crossings(passing, drift, 1)), start)
  return power
}

function checkStanding(bounds: StoppingBounds, { look, z }: Standing): void {
  checkBounds(bounds)
  const looks = bounds.informationFractions.length
  if (!(Number.isInteger(look) && look >= 1 && look < looks)) {
    throw new RangeError(`look is ${look}: give the number of a look that others follow, 1 to ${looks - 1}`)
  }
  if (!Number.isFinite(z)) throw new RangeError(`z is ${z}: give the finite z-statistic of the look`)
}

function checkPrior({ mean, variance }: DriftPrior): void {
  if (!Number.isFinite(mean)) throw new RangeError(`mean is ${mean}: give the finite mean of the drift`)
  if (!(variance > 0 && Number.isFinite(variance))) {
    throw new RangeError(
      `variance is ${variance}: give a finite number above 0; for no prior at all leave it out`,
    )
  }
}

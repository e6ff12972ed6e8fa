import { type Estimable, notEstimable } from '../estimable.ts'
import { normalCdf, normalQuantile } from '../normal.ts'
import { leastReaching } from './design.ts'

/** Where an experiment stands. */
export interface Standing {
  /** Of the effect, on the scale of `difference`. */
  readonly standardError: number
  /** Units in both arms. */
  readonly units: number
  /** The smallest effect worth finding. */
  readonly difference: number
}

/** What makes an effect significant later. */
export interface ProjectionOptions {
  /** 0.05 by default; two-sided. */
  readonly alpha?: number
  /**
   * Half-width of the interval in standard errors when there are so many units: that of a sequential rule. The normal
   * quantile by default, for one look.
   */
  readonly multiplier?: (units: number) => number
}

/** Power of an experiment when it has grown to `growth` times its units, both tails counted. */
export function projectedPower(
  standing: Standing,
  growth = 1,
  options?: ProjectionOptions,
): Estimable<{
  readonly power: number
}> {
  const { standardError, units, difference } = standing
  if (![standardError, units, difference, growth].every(Number.isFinite)) {
    return notEstimable('non-finite', `a standard error of ${standardError} with ${units} units`)
  }
  if (!(standardError > 0)) return notEstimable('zero-variance', `the standard error is ${standardError}`)
  if (!(units > 0 && growth > 0)) return notEstimable('no-data', `${units} units, grown ${growth} times`)
  const alpha = options?.alpha ?? 0.05
  const multiplier = options?.multiplier ?? (() => -normalQuantile(alpha / 2))
  const reach = multiplier(units * growth)
  const distance = (Math.abs(difference) / standardError) * Math.sqrt(growth)
  return { power: normalCdf(distance - reach) + normalCdf(-distance - reach) }
}

/** How many units more an experiment needs for a power, 0 when it has it. */
export function unitsToGo(
  standing: Standing,
  power: number,
  options?: ProjectionOptions,
): Estimable<{ readonly units: number; readonly growth: number }> {
  if (!(power > 0 && power < 1)) throw new RangeError(`power is ${power}: give a number between 0 and 1`)
  const now = projectedPower(standing, 1, options)
  if ('notEstimable' in now) return now
  if (standing.difference === 0) return notEstimable('not-applicable', 'an effect of 0 is never found')
  if (now.power >= power) return { units: 0, growth: 1 }
  const at = (growth: number) => {
    const projected = projectedPower(standing, growth, options)
    return 'power' in projected ? projected.power : 0
  }
  const growth = leastReaching(at, power, 2)
  return { units: (growth - 1) * standing.units, growth }
}

/** How units arrive. */
export interface Arrivals {
  /** New units of each day, in order; the last goes on for ever. Those eligible, times the share that takes part. */
  readonly perDay: readonly number[]
  /** Days that each unit is watched before it counts; 0 by default. */
  readonly windowDays?: number
}

/** Days until so many units have closed their windows; whole days. */
export function durationInDays(units: number, arrivals: Arrivals): Estimable<{ readonly days: number }> {
  const { perDay, windowDays = 0 } = arrivals
  if (!(units > 0 && Number.isFinite(units)))
    return notEstimable('not-applicable', `${units} units are no plan`)
  if (perDay.some((each) => !(each >= 0 && Number.isFinite(each)))) {
    return notEstimable('non-finite', `arrivals are ${perDay.join(', ')}`)
  }
  let left = Math.ceil(units)
  for (const [day, arriving] of perDay.entries()) {
    if (arriving >= left) return { days: day + 1 + windowDays }
    left -= arriving
  }
  const steady = perDay.at(-1) ?? 0
  if (steady === 0) return notEstimable('no-data', `${left} units are missing, and none arrive any more`)
  return { days: perDay.length + Math.ceil(left / steady) + windowDays }
}

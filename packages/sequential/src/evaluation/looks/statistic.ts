import {
  type Estimable,
  isEstimable,
  normalQuantile,
  normalSf,
  studentTQuantile,
  studentTSf,
} from '@fairtrial/statistics'
import type { ArmEstimates } from '../arm-estimates.ts'
import { type Arms, effectOfArms } from '../arms.ts'

/** The effect held against zero, on the scale that bounds are on. */
export interface Statistic {
  readonly estimate: number
  readonly standardError: number
  /** The z with the p-value of the estimate's own test: with few units or clusters nearer to 0 than its t. */
  readonly z: number
  readonly degreesOfFreedom: number
}

/** The farthest z: beyond, a p-value leaves the doubles. */
const FARTHEST = 37

/** Null where there is no number to hold against a bound. */
export function statisticOf(estimates: Estimable<ArmEstimates>, arms: Estimable<Arms>): Statistic | null {
  if (!isEstimable(estimates) || !isEstimable(arms)) return null
  const { estimate, standardError } = effectOfArms(arms)
  const test = estimates.difference()
  const degreesOfFreedom = isEstimable(test) ? test.degreesOfFreedom : Number.POSITIVE_INFINITY
  const z = zOfT(estimate / standardError, degreesOfFreedom)
  return Number.isFinite(z) ? { estimate, standardError, z, degreesOfFreedom } : null
}

function zOfT(t: number, degreesOfFreedom: number): number {
  if (!Number.isFinite(t)) return Number.NaN
  if (degreesOfFreedom === Number.POSITIVE_INFINITY) return Math.max(-FARTHEST, Math.min(FARTHEST, t))
  const z = -normalQuantile(studentTSf(Math.abs(t), degreesOfFreedom))
  return Math.sign(t) * Math.min(FARTHEST, z)
}

/** How many standard errors away a bound on z lies. */
export function reachOf({ degreesOfFreedom }: Statistic, bound: number): number {
  if (degreesOfFreedom === Number.POSITIVE_INFINITY) return bound
  return -studentTQuantile(normalSf(bound), degreesOfFreedom)
}

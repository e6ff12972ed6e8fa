import {
  type Estimable,
  type EstimatedMean,
  isEstimable,
  normalQuantile,
  normalSf,
  notEstimable,
  studentTQuantile,
  studentTSf,
} from '@fairtrial/statistics'
import { normalMixtureLogP, normalMixtureMultiplier } from '../anytime/normal-mixture.ts'
import { explicitTuning } from '../anytime/tuning.ts'
import type { ArmEstimates } from './arm-estimates.ts'

/** Control and one treatment at one look, and how far from an estimate its bounds lie. */
export interface Arms extends Pick<ArmEstimates, 'control' | 'treatment' | 'slope'> {
  /** Units, or clusters, of both arms. */
  readonly n: number
  /** Half the width of the interval, in standard errors. */
  readonly multiplier: number
  readonly rho: number
  /** Of a spread that so many clusters tell, however many units come to be in them. */
  readonly degreesOfFreedom?: number
}

/** What the plan fixed for one comparison. */
export interface ComparisonPlan {
  /** Two-sided error over all looks. */
  readonly alpha: number
  /** Units, of both arms, at which the interval is tightest. */
  readonly tuneAt: number
}

/** Two arms under the asymptotic confidence sequence; not estimable while one of them has no known spread. */
export function armsOf(
  estimates: Estimable<ArmEstimates>,
  { alpha, tuneAt }: ComparisonPlan,
): Estimable<Arms> {
  if (!isEstimable(estimates)) return estimates
  const { control, treatment, slope, together, degreesOfFreedom } = estimates
  if (control.variance + treatment.variance === 0) {
    return notEstimable(
      'zero-variance',
      'no unit differs from another in its arm: the spread is unknown, not zero',
    )
  }
  if (!isEstimable(together)) return together
  const n = estimates.n.control + estimates.n.treatment
  const { rho } = explicitTuning({ alpha, tunedAt: tuneAt })
  return {
    control: spread(control, estimates.n.control, together, n),
    treatment: spread(treatment, estimates.n.treatment, together, n),
    slope,
    n,
    rho,
    multiplier: multiplierOf({ n, rho, ...(degreesOfFreedom !== undefined && { degreesOfFreedom }) }, alpha),
    ...(degreesOfFreedom !== undefined && { degreesOfFreedom }),
  }
}

/**
 * The sequence's multiplier; where the spread is known from few groups at every look, the t quantile that is as unlikely as
 * the normal one.
 */
export function multiplierOf(
  { n, rho, degreesOfFreedom }: Pick<Arms, 'n' | 'rho' | 'degreesOfFreedom'>,
  alpha: number,
): number {
  const multiplier = normalMixtureMultiplier(n, { alpha, rho })
  return degreesOfFreedom === undefined
    ? multiplier
    : -studentTQuantile(normalSf(multiplier), degreesOfFreedom)
}

/** The same look at another level. The tuning stays, so that interval and p-value stay each other's dual. */
export function atAlpha(arms: Arms, alpha: number): Arms {
  return { ...arms, multiplier: multiplierOf(arms, alpha) }
}

/**
 * An arm whose units are all alike has a spread that is not known yet, and not none: not one error in a small arm says
 * little of its rate. Until two of its units differ it is lent the spread of both arms' units taken together.
 */
function spread(arm: EstimatedMean, n: number, together: EstimatedMean, units: number): EstimatedMean {
  return arm.variance > 0 ? arm : { ...arm, variance: (together.variance * units) / n }
}

/** The effect, treatment − slope · control, and its standard error. */
export function effectOfArms(arms: Arms): { readonly estimate: number; readonly standardError: number } {
  const [estimate, standardError] = combine(arms, 1, 0)
  return { estimate, standardError }
}

/** The same of effect / |control|, by the delta method; for a control mean that is not 0. */
export function relativeEffectOfArms(arms: Arms): {
  readonly estimate: number
  readonly standardError: number
} {
  const size = Math.abs(arms.control.mean)
  const estimate = effectOfArms(arms).estimate / size
  const [, standardError] = combine(arms, 1, -estimate * Math.sign(arms.control.mean))
  return { estimate, standardError: standardError / size }
}

/**
 * Bounds of a combination of the effect and control's mean, valid at this look. Each fixed combination is a mean of its
 * own, so that one multiplier serves them all.
 */
export function contrast(
  arms: Arms,
  effectWeight: number,
  controlWeight: number,
): [lower: number, upper: number] {
  const [estimate, standardError] = combine(arms, effectWeight, controlWeight)
  const reach = arms.multiplier * standardError
  return [estimate - reach, estimate + reach]
}

function combine(
  { control, treatment, slope }: Arms,
  effectWeight: number,
  controlWeight: number,
): [estimate: number, standardError: number] {
  const ofControl = controlWeight - effectWeight * slope
  const variance = effectWeight ** 2 * treatment.variance + ofControl ** 2 * control.variance
  return [effectWeight * treatment.mean + ofControl * control.mean, Math.sqrt(variance)]
}

/** Dual to the bounds of the effect: the smallest alpha at which 0 lies outside, at this tuning. */
export function anytimePValue(arms: Arms): number {
  const { estimate, standardError } = effectOfArms(arms)
  const t = Math.abs(estimate / standardError)
  const { n, rho, degreesOfFreedom } = arms
  const z = degreesOfFreedom === undefined ? t : -normalQuantile(studentTSf(t, degreesOfFreedom))
  return Math.exp(normalMixtureLogP(z, n, { rho }))
}

/**
 * Bounds of effect / |control|, valid at this look: Fieller's theorem (JRSS B 16, 1954) with the multiplier of the
 * interval, that is, every lift whose contrast effect − lift · control has 0 within its bounds. Zero lies outside
 * exactly when it lies outside the absolute bounds.
 *
 * @returns null when the set is no interval: control's mean is not told apart from 0
 */
export function relativeBounds({
  control,
  treatment,
  slope,
  multiplier,
}: Omit<Arms, 'n' | 'rho'>): [lower: number, upper: number] | null {
  const c = control.mean
  const ratio = treatment.mean / c
  const controlReach2 = multiplier ** 2 * (control.variance / c / c)
  const treatmentReach2 = multiplier ** 2 * (treatment.variance / c / c)
  const a = 1 - controlReach2
  if (!(a > 0)) return null
  const root = Math.sqrt(treatmentReach2 * a + controlReach2 * ratio ** 2)
  const lower = (ratio - root) / a - slope
  const upper = (ratio + root) / a - slope
  return c > 0 ? [lower, upper] : [-upper, -lower]
}

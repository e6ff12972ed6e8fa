import type { Moments } from '@fairtrial/protocol'
import {
  type Estimable,
  type EstimatedMean,
  estimatedMean,
  isEstimable,
  mergeMoments,
  notEstimable,
} from '@fairtrial/statistics'
import { normalMixtureLogP, normalMixtureMultiplier } from '../anytime/normal-mixture.ts'
import { explicitTuning } from '../anytime/tuning.ts'

/** Control and one treatment at one look, and how far from an estimate its bounds lie. */
export interface Arms {
  readonly control: EstimatedMean
  readonly treatment: EstimatedMean
  /** Units of both arms. */
  readonly n: number
  /** Half the width of the confidence sequence, in standard errors. */
  readonly multiplier: number
  readonly rho: number
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
  control: Moments,
  treatment: Moments,
  { alpha, tuneAt }: ComparisonPlan,
): Estimable<Arms> {
  const c = estimatedMean(control, 'control')
  if (!isEstimable(c)) return c
  const t = estimatedMean(treatment, 'treatment')
  if (!isEstimable(t)) return t
  if (c.variance + t.variance === 0) {
    return notEstimable(
      'zero-variance',
      'no unit differs from another in its arm: the spread is unknown, not zero',
    )
  }
  const together = estimatedMean(mergeMoments(control, treatment), 'both arms')
  if (!isEstimable(together)) return together
  const n = control.n + treatment.n
  const { rho } = explicitTuning({ alpha, tunedAt: tuneAt })
  return {
    control: spread(c, control.n, together, n),
    treatment: spread(t, treatment.n, together, n),
    n,
    rho,
    multiplier: normalMixtureMultiplier(n, { alpha, rho }),
  }
}

/**
 * An arm whose units are all alike has a spread that is not known yet, and not none: not one error in a small arm says
 * little of its rate. Until two of its units differ it is lent the spread of both arms' units taken together.
 */
function spread(arm: EstimatedMean, n: number, together: EstimatedMean, units: number): EstimatedMean {
  return arm.variance > 0 ? arm : { ...arm, variance: (together.variance * units) / n }
}

/**
 * Bounds of a combination of the two means, valid at this look. Each fixed combination is a mean of its own, so that
 * one multiplier serves them all.
 */
export function contrast(
  arms: Arms,
  treatmentWeight: number,
  controlWeight: number,
): [lower: number, upper: number] {
  const { control, treatment, multiplier } = arms
  const estimate = treatmentWeight * treatment.mean + controlWeight * control.mean
  const variance = treatmentWeight ** 2 * treatment.variance + controlWeight ** 2 * control.variance
  const reach = multiplier * Math.sqrt(variance)
  return [estimate - reach, estimate + reach]
}

/** Dual to the bounds of treatment − control: the smallest alpha at which 0 lies outside, at this tuning. */
export function anytimePValue({ control, treatment, n, rho }: Arms): number {
  const z = (treatment.mean - control.mean) / Math.sqrt(treatment.variance + control.variance)
  return Math.exp(normalMixtureLogP(z, n, { rho }))
}

/**
 * Bounds of (treatment − control) / |control|, valid at this look: Fieller's theorem (JRSS B 16, 1954) with the
 * multiplier of the confidence sequence, that is, every lift whose contrast treatment − (1 + lift) · control has 0
 * within its bounds. Zero lies outside exactly when it lies outside the absolute bounds.
 *
 * @returns null when the set is no interval: control's mean is not told apart from 0
 */
export function relativeBounds({
  control,
  treatment,
  multiplier,
}: Arms): [lower: number, upper: number] | null {
  const c = control.mean
  const ratio = treatment.mean / c
  const controlReach2 = multiplier ** 2 * (control.variance / c / c)
  const treatmentReach2 = multiplier ** 2 * (treatment.variance / c / c)
  const a = 1 - controlReach2
  if (!(a > 0)) return null
  const root = Math.sqrt(treatmentReach2 * a + controlReach2 * ratio ** 2)
  const lower = (ratio - root) / a - 1
  const upper = (ratio + root) / a - 1
  return c > 0 ? [lower, upper] : [-upper, -lower]
}

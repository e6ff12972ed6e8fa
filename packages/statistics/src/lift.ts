import { bothMeans, type EstimatedMean, satterthwaite } from './arm.ts'
import { type Estimable, isEstimable, notEstimable } from './estimable.ts'
import { type Interval, type LevelOptions, levelOf } from './interval.ts'
import type { Moments } from './moments.ts'
import { studentTQuantile } from './student-t.ts'
import { type TTest, tTest } from './t-test.ts'

/** A relative effect, (treatment − control) / |control|: 0.05 is five per cent up. */
export interface Lift extends TTest {
  readonly lift: number
}

/** Means in units of the control's: `sign` is that of the control's mean, `difference` is (t − c) / c. */
interface ScaledMeans {
  readonly sign: number
  readonly difference: number
  readonly ratio: number
  readonly controlVariance: number
  readonly treatmentVariance: number
}

function scaleByControl(control: EstimatedMean, treatment: EstimatedMean): Estimable<ScaledMeans> {
  const c = control.mean
  if (c === 0) return notEstimable('zero-control-mean', 'the control mean is 0: nothing to be relative to')
  const difference = (treatment.mean - c) / c
  const ratio = treatment.mean / c
  const controlVariance = control.variance / c / c
  const treatmentVariance = treatment.variance / c / c
  if ([difference, ratio, controlVariance, treatmentVariance].every(Number.isFinite)) {
    return { sign: Math.sign(c), difference, ratio, controlVariance, treatmentVariance }
  }
  return notEstimable('non-finite', `means ${c} and ${treatment.mean} have no finite ratio`)
}

/**
 * Relative effect by the delta method, standard error √(v_t/c² + v_c t²/c⁴), with Welch's degrees of freedom
 * where the means carry them. For a control mean more than three standard errors from 0; nearer, use
 * {@link fiellerLift}.
 */
export function deltaLift(
  control: EstimatedMean,
  treatment: EstimatedMean,
  options?: LevelOptions,
): Estimable<Lift> {
  const level = levelOf(options)
  const scaled = scaleByControl(control, treatment)
  if (!isEstimable(scaled)) return scaled
  const lift = scaled.sign * scaled.difference
  const standardError = Math.sqrt(scaled.treatmentVariance + scaled.controlVariance * scaled.ratio ** 2)
  const test = tTest(lift, standardError, satterthwaite(control, treatment), level)
  return isEstimable(test) ? { lift, ...test } : test
}

/** {@link deltaLift} of two arms from their moments: the relative companion of `welch`. */
export function relativeLift(control: Moments, treatment: Moments, options?: LevelOptions): Estimable<Lift> {
  const means = bothMeans(control, treatment)
  return isEstimable(means) ? deltaLift(means.control, means.treatment, options) : means
}

/**
 * Fieller's confidence set of a relative effect.
 * - `interval`: from `lower` to `upper`.
 * - `complement`: everything *except* what lies strictly between `lower` and `upper`; the control mean is not
 *   told apart from 0, so arbitrarily large effects of both signs are possible.
 * - `whole-line`: every effect is possible; the data say nothing relative at this level.
 */
export type FiellerLift =
  | ({ readonly kind: 'interval'; readonly lift: number } & Interval)
  | ({ readonly kind: 'complement'; readonly lift: number } & Interval)
  | { readonly kind: 'whole-line'; readonly lift: number; readonly level: number }

/**
 * Relative effect by Fieller's theorem (E. C. Fieller, JRSS B 16, 1954): exact coverage for normal means however
 * near the control is to 0, at the price of sets that are not always intervals.
 */
export function fiellerLift(
  control: EstimatedMean,
  treatment: EstimatedMean,
  options?: LevelOptions,
): Estimable<FiellerLift> {
  const level = levelOf(options)
  const scaled = scaleByControl(control, treatment)
  if (!isEstimable(scaled)) return scaled
  const { sign, difference, ratio, controlVariance, treatmentVariance } = scaled
  if (controlVariance + treatmentVariance === 0) {
    return notEstimable(
      'zero-variance',
      'no unit differs from another in its arm: the spread is unknown, not zero',
    )
  }
  const lift = sign * difference
  const z2 = studentTQuantile((1 - level) / 2, satterthwaite(control, treatment)) ** 2
  // The lifts L with (D − L c)² ≤ z² var(D − L c), in units of c: a L² − 2 b L + … ≤ 0.
  const a = 1 - z2 * controlVariance
  const b = difference + z2 * controlVariance
  const discriminant =
    z2 * (treatmentVariance + controlVariance * ratio ** 2 - z2 * controlVariance * treatmentVariance)
  if (discriminant <= 0 || a === 0) return { kind: 'whole-line', lift, level }
  // Through the larger root and the product of the two: neither cancels.
  const far = b >= 0 ? b + Math.sqrt(discriminant) : b - Math.sqrt(discriminant)
  const product = difference ** 2 - z2 * (controlVariance + treatmentVariance)
  const roots = far === 0 ? [0, 0] : [(sign * far) / a, (sign * product) / far]
  const lower = Math.min(...roots)
  const upper = Math.max(...roots)
  if (!(Number.isFinite(lower) && Number.isFinite(upper))) return { kind: 'whole-line', lift, level }
  return { kind: a > 0 ? 'interval' : 'complement', lift, level, lower, upper }
}

/** A relative effect with an interval that is symmetric on the scale of logarithms. */
export interface LogRatioLift extends Interval {
  readonly lift: number
}

/** Relative effect by the delta method on ln(t/c): for skewed means of one sign, such as money or waiting. */
export function logRatioLift(
  control: EstimatedMean,
  treatment: EstimatedMean,
  options?: LevelOptions,
): Estimable<LogRatioLift> {
  const level = levelOf(options)
  const scaled = scaleByControl(control, treatment)
  if (!isEstimable(scaled)) return scaled
  const { sign, difference, ratio, controlVariance, treatmentVariance } = scaled
  if (!(ratio > 0)) {
    return notEstimable('not-applicable', `means ${control.mean} and ${treatment.mean} have no ratio above 0`)
  }
  const standardError = Math.sqrt(controlVariance + treatmentVariance / ratio / ratio)
  if (standardError === 0) {
    return notEstimable(
      'zero-variance',
      'no unit differs from another in its arm: the spread is unknown, not zero',
    )
  }
  const reach = -studentTQuantile((1 - level) / 2, satterthwaite(control, treatment)) * standardError
  const logRatio = Math.log1p(difference)
  const ends = [sign * Math.expm1(logRatio - reach), sign * Math.expm1(logRatio + reach)]
  if (!ends.every(Number.isFinite)) {
    return notEstimable('non-finite', `a standard error of ${standardError} on ln(t/c) leaves the doubles`)
  }
  return { lift: sign * difference, level, lower: Math.min(...ends), upper: Math.max(...ends) }
}

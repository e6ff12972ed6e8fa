import { type EstimatedMean, satterthwaite } from './arm.ts'
import { differenceOfEstimates } from './difference-of-estimates.ts'
import { type Estimable, isEstimable, notEstimable } from './estimable.ts'
import { type LevelOptions, levelOf } from './interval.ts'
import {
  covarianceOfForms,
  type JointMoments,
  type LinearForm,
  linearForm,
  mergeJointMoments,
  type UnitMetric,
} from './joint-moments.ts'
import type { Lift } from './lift.ts'
import { solvePositive } from './special/solve-positive.ts'
import { tTest } from './t-test.ts'
import type { WelchTest } from './welch.ts'

/** What is compared, and what is known of each unit from before the experiment. */
export interface CupedOptions extends LevelOptions {
  /** The metric; column 0 by default. */
  readonly outcome?: UnitMetric
  /**
   * What was measured before the first exposure; all columns but the outcome's by default. A ratio metric's best
   * covariate is the same ratio from before: `{ numerator: 2, denominator: 3 }`.
   */
  readonly covariates?: readonly UnitMetric[]
}

/** What regression adjustment did. */
export interface CupedAdjustment {
  /** The slope on each covariate, one for both arms; 0 for a covariate that is constant or repeats another. */
  readonly theta: readonly number[]
  /** 1 − adjusted variance / plain variance of the difference: what the covariates took away. */
  readonly varianceReduction: number
  /** The adjusted estimate of each arm. */
  readonly control: EstimatedMean
  readonly treatment: EstimatedMean
}

/** An adjusted difference. */
export interface CupedDifference extends WelchTest, CupedAdjustment {}

/** An adjusted relative effect. */
export interface CupedLift extends Lift, CupedAdjustment {}

/** One arm to first order: its outcome and covariates as linear forms, and their covariances. */
interface AdjustableArm {
  readonly n: number
  readonly outcome: number
  readonly covariates: readonly number[]
  readonly variance: number
  readonly withOutcome: readonly number[]
  readonly among: readonly (readonly number[])[]
}

/**
 * The difference of two arms after taking out what covariates from before the experiment explain (A. Deng, Y. Xu, R.
 * Kohavi & T. Walker, CUPED, WSDM 2013), for means and for ratio metrics, with any number of covariates. A covariate
 * that the treatment could have moved biases the effect; one from before never does.
 */
export function cupedDifference(
  control: JointMoments,
  treatment: JointMoments,
  options?: CupedOptions,
): Estimable<CupedDifference> {
  const adjusted = adjust(control, treatment, options)
  if (!isEstimable(adjusted)) return adjusted
  const { adjustment } = adjusted
  const test = differenceOfEstimates(adjustment.control, adjustment.treatment, options)
  return isEstimable(test) ? { ...test, ...adjustment } : test
}

/**
 * The relative effect after adjustment: the adjusted difference over the *unadjusted* control mean, which is what
 * people mean by "per cent". Its variance is that of this quotient, by the delta method.
 */
export function cupedLift(
  control: JointMoments,
  treatment: JointMoments,
  options?: CupedOptions,
): Estimable<CupedLift> {
  const level = levelOf(options)
  const adjusted = adjust(control, treatment, options)
  if (!isEstimable(adjusted)) return adjusted
  const { c, t, adjustment } = adjusted
  if (c.outcome === 0) {
    return notEstimable('zero-control-mean', 'the control mean is 0: nothing to be relative to')
  }
  const { theta } = adjustment
  const lift = (adjustment.treatment.mean - adjustment.control.mean) / Math.abs(c.outcome)
  // The control mean stands in the difference and under it: its weight is treatment / control, not 1. Whether the
  // treatment's value is taken plain (means) or adjusted (ratios) makes no difference as n grows; peers do so.
  const ratio = adjusted.isPlain ? t.outcome / c.outcome : 1 + lift * Math.sign(c.outcome)
  const variance =
    (adjustedVariance(t, theta, 1) / t.n + adjustedVariance(c, theta, ratio) / c.n) / c.outcome / c.outcome
  const degreesOfFreedom = satterthwaite(adjustment.control, adjustment.treatment)
  const test = tTest(lift, Math.sqrt(variance), degreesOfFreedom, level)
  return isEstimable(test) ? { lift, ...test, ...adjustment } : test
}

/**
 * A unit's covariates when some may be missing: each missing one is filled in, and after the covariates stand as many
 * indicators, 1 where it was missing. The indicators make the choice of `fills` immaterial to the estimate; the means
 * of those that are known, or anything near, keep the digits.
 */
export function completeCovariates(
  covariates: readonly (number | undefined)[],
  fills: readonly number[],
): number[] {
  return [
    ...covariates.map((value, i) => value ?? fills[i] ?? 0),
    ...covariates.map((value) => (value === undefined ? 1 : 0)),
  ]
}

function adjust(
  control: JointMoments,
  treatment: JointMoments,
  options: CupedOptions | undefined,
): Estimable<{ c: AdjustableArm; t: AdjustableArm; isPlain: boolean; adjustment: CupedAdjustment }> {
  const outcome = options?.outcome ?? { numerator: 0 }
  const covariates = options?.covariates ?? otherColumns(control, outcome)
  const c = adjustable(control, outcome, covariates, 'control')
  if (!isEstimable(c)) return c
  const t = adjustable(treatment, outcome, covariates, 'treatment')
  if (!isEstimable(t)) return t
  const isPlain = [outcome, ...covariates].every(({ denominator }) => denominator === undefined)
  const theta = isPlain
    ? slopes([adjustable(mergeJointMoments(control, treatment), outcome, covariates, 'both arms')])
    : slopes([c, t])
  const estimate = (arm: AdjustableArm): EstimatedMean => ({
    mean: arm.outcome - dot(theta, arm.covariates),
    variance: adjustedVariance(arm, theta, 1) / arm.n,
    degreesOfFreedom: arm.n - 1,
  })
  const adjustment = { control: estimate(c), treatment: estimate(t) }
  const plain = c.variance / c.n + t.variance / t.n
  const left = adjustment.control.variance + adjustment.treatment.variance
  if (!Number.isFinite(left)) return notEstimable('non-finite', `the adjusted variance is ${left}`)
  const varianceReduction = plain > 0 ? 1 - left / plain : 0
  return { c, t, isPlain, adjustment: { theta, varianceReduction, ...adjustment } }
}

/** θ from the covariances of the arms taken together. */
function slopes(arms: readonly Estimable<AdjustableArm>[]): number[] {
  const known = arms.filter(isEstimable)
  const [first] = known
  if (!first) return []
  const sum = (of: (arm: AdjustableArm) => number) => known.reduce((total, arm) => total + of(arm), 0)
  return solvePositive(
    first.among.map((row, i) => row.map((_, j) => sum((arm) => arm.among[i]![j]!))),
    first.withOutcome.map((_, i) => sum((arm) => arm.withOutcome[i]!)),
  )
}

function adjustable(
  moments: JointMoments,
  outcome: UnitMetric,
  covariates: readonly UnitMetric[],
  arm: string,
): Estimable<AdjustableArm> {
  if (moments.n === 1) return notEstimable('too-few-units', `${arm} has a single unit`)
  const forms: LinearForm[] = []
  for (const metric of [outcome, ...covariates]) {
    const form = linearForm(moments, metric)
    if (!isEstimable(form)) {
      return notEstimable(form.notEstimable.code, `in ${arm}, ${form.notEstimable.detail}`)
    }
    forms.push(form)
  }
  const [y, ...xs] = forms as [LinearForm, ...LinearForm[]]
  const variance = covarianceOfForms(moments, y, y)
  if (!Number.isFinite(variance)) {
    return notEstimable('non-finite', `the variance of ${arm} is ${variance}`)
  }
  return {
    n: moments.n,
    outcome: y.value,
    covariates: xs.map(({ value }) => value),
    variance,
    withOutcome: xs.map((x) => covarianceOfForms(moments, x, y)),
    among: xs.map((x) => xs.map((other) => covarianceOfForms(moments, x, other))),
  }
}

/** The variance over units of scale·y − θ·x. */
function adjustedVariance(arm: AdjustableArm, theta: readonly number[], scale: number): number {
  const quadratic = dot(
    theta,
    arm.among.map((row) => dot(row, theta)),
  )
  const total = scale * scale * arm.variance + quadratic
  const left = total - 2 * scale * dot(theta, arm.withOutcome)
  // Less than the rounding of its terms: the covariates explain everything, as far as doubles can say.
  return left <= 16 * Number.EPSILON * total ? 0 : left
}

function otherColumns(moments: JointMoments, outcome: UnitMetric): UnitMetric[] {
  return Array.from(moments.means.keys(), (numerator) => ({ numerator })).filter(
    ({ numerator }) => numerator !== outcome.numerator && numerator !== outcome.denominator,
  )
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, each, i) => sum + each * b[i]!, 0)
}

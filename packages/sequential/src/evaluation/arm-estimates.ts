import type { FixedLook } from '@fairtrial/protocol'
import {
  deltaLift,
  differenceOfEstimates,
  type Estimable,
  type EstimatedMean,
  type LevelOptions,
  type Lift,
  type WelchTest,
} from '@fairtrial/statistics'

/** What the two arms of a comparison come to, by whatever estimator the metric asks for. */
export interface ArmEstimates {
  readonly method: FixedLook['method']
  /** Control as it is: what a relative effect is relative to. */
  readonly control: EstimatedMean
  /** What the effect is when `slope` of control's mean is taken away from it. Independent of control. */
  readonly treatment: EstimatedMean
  /** The effect is treatment − slope · control: 1 unless covariates have told part of control's mean. */
  readonly slope: number
  /** Units or clusters with a closed window, by arm; of measurements, what they amount to in independent requests. */
  readonly n: { readonly control: number; readonly treatment: number }
  /** All of both arms as though they were one: the spread that an arm is lent whose units are all alike. */
  readonly together: Estimable<EstimatedMean>
  /** The effect held against zero at one fixed look. */
  readonly difference: (options?: LevelOptions) => Estimable<WelchTest>
  /** The same of the relative effect. */
  readonly lift: (options?: LevelOptions) => Estimable<Lift>
  readonly designEffect?: number
  /** Where the spread is that of a fixed number of groups, which no unit adds to. */
  readonly degreesOfFreedom?: number
  /** Where covariates or strata are in the estimate: the same without them. */
  readonly unadjusted?: ArmEstimates
  /** The share of the variance that covariates or strata took. */
  readonly varianceReduction?: number
}

/** Two independent estimates, one an arm. */
export type PlainEstimates = Pick<ArmEstimates, 'method' | 'control' | 'treatment' | 'n' | 'together'>

/** Estimates whose difference is the effect, with the tests of it that follow from their variances alone. */
export function plainEstimates(estimates: PlainEstimates): ArmEstimates {
  const { method, control, treatment, n, together } = estimates
  return {
    method,
    control,
    treatment,
    slope: 1,
    n,
    together,
    difference: (options) => differenceOfEstimates(control, treatment, options),
    lift: (options) => deltaLift(control, treatment, options),
  }
}

import type { JointMoments } from '@fairtrial/protocol'
import {
  cupedDifference,
  cupedLift,
  type Estimable,
  isEstimable,
  type LevelOptions,
  type UnitMetric,
} from '@fairtrial/statistics'
import type { ArmEstimates } from './arm-estimates.ts'

/** How the columns of joint moments are to be read. */
export interface JointColumns {
  readonly isRatio: boolean
  readonly isClustered: boolean
  /** How many there are; as many columns tell where one was missing. */
  readonly covariates: number
}

/**
 * The estimates with what covariates explain taken out (CUPED), one slope on each for both arms. While the units of an
 * arm are all alike there is nothing to explain, and the estimates stay as they are.
 */
export function adjustedEstimates(
  unadjusted: ArmEstimates,
  control: JointMoments | undefined,
  treatment: JointMoments | undefined,
  columns: JointColumns,
): Estimable<ArmEstimates> {
  const hasSpread = unadjusted.control.variance > 0 && unadjusted.treatment.variance > 0
  if (control === undefined || treatment === undefined || !hasSpread) return unadjusted
  const { outcome, covariates } = readColumns(columns)
  const difference = (options?: LevelOptions) =>
    cupedDifference(control, treatment, { ...options, outcome, covariates })
  const adjusted = difference()
  if (!isEstimable(adjusted)) return adjusted
  const { theta, varianceReduction } = adjusted
  const weights = gradient(control, outcome)
  const rest = [...weights]
  for (const [i, covariate] of covariates.entries()) {
    for (const [column, weight] of gradient(control, covariate).entries()) rest[column]! -= theta[i]! * weight
  }
  // What of control's own mean is still in its adjusted one, by regression of the latter on the former; what is left
  // over is independent of control's mean, and counts to the treatment.
  const slope = covariance(control, rest, weights) / covariance(control, weights, weights)
  const base = unadjusted.control
  const variance = adjusted.control.variance + adjusted.treatment.variance - slope ** 2 * base.variance
  return {
    ...unadjusted,
    method: 'regression',
    slope,
    treatment: {
      mean: adjusted.difference + slope * base.mean,
      variance: Math.max(0, variance),
      degreesOfFreedom: unadjusted.treatment.degreesOfFreedom ?? Number.POSITIVE_INFINITY,
    },
    difference,
    lift: (options) => cupedLift(control, treatment, { ...options, outcome, covariates }),
    unadjusted,
    varianceReduction,
  }
}

/**
 * Covariates are numbers of a unit, or sums over a cluster: then per unit of it, as the metric is, where the second
 * column counts units.
 */
function readColumns({ isRatio, isClustered, covariates }: JointColumns): {
  readonly outcome: UnitMetric
  readonly covariates: readonly UnitMetric[]
} {
  const isQuotient = isRatio || isClustered
  const per = isClustered && !isRatio ? { denominator: 1 } : {}
  const first = isQuotient ? 2 : 1
  return {
    outcome: { numerator: 0, ...(isQuotient && { denominator: 1 }) },
    covariates: Array.from({ length: 2 * covariates }, (_, i) => ({ numerator: first + i, ...per })),
  }
}

/** How a metric moves with the mean of each column. */
function gradient({ means }: JointMoments, { numerator, denominator }: UnitMetric): number[] {
  const weights = means.map(() => 0)
  const per = denominator === undefined ? 1 : means[denominator]!
  weights[numerator] = 1 / per
  if (denominator !== undefined) weights[denominator]! -= means[numerator]! / per / per
  return weights
}

/** Of two sums of columns, but for a factor. */
function covariance({ products }: JointMoments, a: readonly number[], b: readonly number[]): number {
  return products.reduce(
    (sum, row, i) => sum + a[i]! * row.reduce((inner, product, j) => inner + b[j]! * product, 0),
    0,
  )
}

import type { Experiment, MetricSummary, TrialSummary } from '@fairtrial/protocol'
import {
  isEstimable,
  type LevelOptions,
  mergeMoments,
  stratifiedDifference,
  stratifiedLift,
  type Stratum,
} from '@fairtrial/statistics'
import type { ArmEstimates } from './arm-estimates.ts'

/** Both arms of a comparison within each stratum. */
export interface Strata {
  readonly dimension: string
  readonly arms: readonly {
    readonly control: MetricSummary | undefined
    readonly treatment: MetricSummary | undefined
  }[]
}

/** The strata of a comparison, where the plan stratifies and the summary has been folded by it. */
export function strataOf(
  { dimensions = {}, control }: Experiment,
  { segments }: TrialSummary,
  metric: string,
  variant: string,
): Strata | undefined {
  const dimension = Object.keys(dimensions).find((name) => dimensions[name]?.stratify)
  if (dimension === undefined || segments?.[dimension] === undefined) return undefined
  const arms = Object.values(segments[dimension]).map(({ metrics }) => ({
    control: metrics[metric]?.[control],
    treatment: metrics[metric]?.[variant],
  }))
  return { dimension, arms }
}

/**
 * The estimates as the strata's own differences, weighted by their shares of all units, which are estimated. Control's
 * mean stays as it is. While the strata do not say more than the arms as a whole, the estimates stay as they are.
 */
export function stratifiedEstimates(unadjusted: ArmEstimates, { arms }: Strata): ArmEstimates {
  const strata = joinSmall(
    arms.map(({ control, treatment }) => ({
      control: control?.closed ?? NOBODY,
      treatment: treatment?.closed ?? NOBODY,
    })),
  )
  const difference = (options?: LevelOptions) => stratifiedDifference(strata, options)
  const stratified = difference()
  const base = unadjusted.control
  if (!isEstimable(stratified) || !(base.variance > 0)) return unadjusted
  // What of control's mean is in the difference is told apart, so that the rest is independent of it.
  const slope = -stratified.controlCovariance / base.variance
  const variance = stratified.standardError ** 2
  return {
    ...unadjusted,
    method: 'stratified',
    slope,
    treatment: {
      ...unadjusted.treatment,
      mean: stratified.difference + slope * base.mean,
      variance: Math.max(0, variance - slope ** 2 * base.variance),
    },
    difference,
    lift: (options) => stratifiedLift(strata, options),
    unadjusted,
    varianceReduction: 1 - variance / (base.variance + unadjusted.treatment.variance),
  }
}

/** Strata with fewer than two units in an arm are taken together; if that is not enough, with the smallest other. */
function joinSmall(strata: readonly Stratum[]): readonly Stratum[] {
  const isSmall = ({ control, treatment }: Stratum) => control.n < 2 || treatment.n < 2
  const [first, ...small] = strata.filter(isSmall)
  const large = strata.filter((stratum) => !isSmall(stratum)).toSorted((a, b) => unitsOf(a) - unitsOf(b))
  if (first === undefined) return large
  const joined = small.reduce(merge, first)
  if (!isSmall(joined)) return [joined, ...large]
  const [smallest, ...others] = large
  return smallest === undefined ? [joined] : [merge(joined, smallest), ...others]
}

function merge(a: Stratum, b: Stratum): Stratum {
  return {
    control: mergeMoments(a.control, b.control),
    treatment: mergeMoments(a.treatment, b.treatment),
  }
}

function unitsOf({ control, treatment }: Stratum): number {
  return control.n + treatment.n
}

const NOBODY = { n: 0, mean: 0, m2: 0 }

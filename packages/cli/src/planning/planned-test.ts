import { designEffect } from '@fairtrial/statistics'
import type { Correction, PowerOptions } from './power-options.ts'
import { misused, refuseOptions, requireOption } from './usage.ts'

/** What a false alarm may cost, and how it is divided. */
export interface PlannedError {
  /** As it was told: over all comparisons, two-sided unless told otherwise. */
  readonly alpha: number
  readonly sides: 1 | 2
  readonly comparisons: number
  readonly correction: Correction
  /** Of the one test that is planned. */
  readonly comparisonAlpha: number
}

/** What the options say of the error. */
export function plannedError(options: PowerOptions): PlannedError {
  const { alpha = 0.05, comparisons = 1, margin } = options
  if (options.correction !== undefined && options.comparisons === undefined) {
    throw misused(
      `--correction ${options.correction} has nothing to correct.`,
      'Give --comparisons, the number of tests that are judged together.',
    )
  }
  const correction = options.correction ?? (comparisons > 1 ? 'bonferroni' : 'none')
  const divided = alpha / divisor(correction, comparisons)
  if (margin === undefined) {
    return { alpha, sides: options.sides ?? 2, comparisons, correction, comparisonAlpha: divided }
  }
  refuseOptions(options, ['sides'], 'with --margin: non-inferiority is one-sided, at alpha/2')
  return { alpha, sides: 1, comparisons, correction, comparisonAlpha: divided / 2 }
}

/** The first step of each procedure, which holds whatever the other tests say. */
function divisor(correction: Correction, comparisons: number): number {
  if (correction === 'none') return 1
  if (correction !== 'benjamini-yekutieli') return comparisons
  return (
    comparisons *
    Array.from({ length: comparisons }, (_, i) => 1 / (i + 1)).reduce((sum, each) => sum + each, 0)
  )
}

/** Clusters that are assigned as a whole. */
export interface PlannedClusters {
  readonly size: number
  readonly correlation: number
  readonly designEffect: number
}

/** What the options say of clusters. */
export function plannedClusters(options: PowerOptions): PlannedClusters | undefined {
  const { clusterSize, icc } = options
  if (clusterSize === undefined) {
    refuseOptions(options, ['icc', 'clusters'], 'without --cluster-size')
    return undefined
  }
  const correlation = requireOption(icc, 'icc', '--cluster-size needs the correlation within clusters')
  return { size: clusterSize, correlation, designEffect: designEffect(clusterSize, correlation) }
}

/** Weights of the arms, control first, and the units of control where they are told. */
export interface PlannedArms {
  readonly weights: readonly [number, ...number[]]
  readonly control: number | undefined
}

/** What the options say of the arms. */
export function plannedArms(options: PowerOptions): PlannedArms {
  const { allocation, clusters, clusterSize } = options
  if (clusters !== undefined) refuseOptions(options, ['n'], 'beside --clusters')
  const n = clusters === undefined || clusterSize === undefined ? options.n : [clusters * clusterSize]
  const [first, ...others] = n ?? []
  if (first === undefined) return { weights: weightsOf(allocation ?? [1, 1]), control: undefined }
  if (others.length > 0) {
    refuseOptions(options, ['allocation'], 'beside --n with the units of every arm')
    return { weights: [first, ...others], control: first }
  }
  const weights = weightsOf(allocation ?? [1, 1])
  if (weights.some((weight) => weight !== weights[0])) {
    const each = weights.map((weight) => Math.round((first * weight) / Math.min(...weights)))
    throw misused(
      `One number of units does not tell how ${weights.join(',')} divides it.`,
      `Give the units of every arm in place of --allocation, as --n ${each.join(',')}.`,
    )
  }
  return { weights, control: first }
}

function weightsOf([control = 1, ...treatments]: readonly number[]): [number, ...number[]] {
  return [control, ...treatments]
}

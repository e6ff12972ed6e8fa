import type { LookOptions, SpendingOptions } from './look-options.ts'

/** What `fairtrial power` is told. */
export interface PowerOptions extends LookOptions, SpendingOptions {
  readonly metric?: 'mean' | 'proportion' | 'ratio' | 'count'
  readonly baseline?: number
  readonly sd?: number
  readonly treatmentSd?: number
  readonly numeratorMean?: number
  readonly numeratorSd?: number
  readonly denominatorMean?: number
  readonly denominatorSd?: number
  readonly correlation?: number
  readonly variance?: 'pooled' | 'unpooled'
  readonly mde?: number
  readonly margin?: number
  /** `mde` and `margin` are shares of the baseline. */
  readonly relative?: boolean
  readonly direction?: 'increase' | 'decrease'
  /** Units of each arm; one number where all are alike. */
  readonly n?: readonly number[]
  readonly power?: number
  readonly alpha?: number
  readonly sides?: 1 | 2
  readonly allocation?: readonly number[]
  /** Clusters of each arm, in place of `n`. */
  readonly clusters?: number
  readonly clusterSize?: number
  readonly icc?: number
  readonly comparisons?: number
  readonly correction?: Correction
  readonly plan?: 'fixed' | 'group-sequential' | 'anytime' | 'hybrid'
  readonly tuneAt?: number
  readonly unitsPerDay?: number
  readonly json?: boolean
}

/** Names of `--correction`. */
export const corrections = [
  'none',
  'bonferroni',
  'holm',
  'hochberg',
  'benjamini-hochberg',
  'benjamini-yekutieli',
] as const

/** One of `corrections`. */
export type Correction = (typeof corrections)[number]

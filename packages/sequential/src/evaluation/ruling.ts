import type {
  Comparison,
  EffectSize,
  LookKind,
  LookRecord,
  SealedAnalysisPlan,
  SealedMetric,
} from '@fairtrial/protocol'
import type { Estimable } from '@fairtrial/statistics'
import type { ArmEstimates } from './arm-estimates.ts'
import type { Arms } from './arms.ts'
import { type Sequence, sideOf } from './interval.ts'

/** A primary metric's comparison before it is decided. */
export interface OpenComparison {
  readonly estimates: Estimable<ArmEstimates>
  readonly arms: Estimable<Arms>
  /** What holds at every look. */
  readonly sequence: Sequence
  /** Two-sided error over all looks. */
  readonly alpha: number
  readonly definition: SealedMetric
}

/** What a primary metric is decided by, beside its numbers. */
export interface PrimaryPlan {
  readonly metric: string
  readonly variant: string
  readonly analysis: SealedAnalysisPlan
  /** Where the hypothesis is about this metric. */
  readonly minimumLift?: EffectSize
  /** The looks at this comparison so far. */
  readonly past: readonly LookRecord[]
  readonly kind: LookKind | 'glance'
  /** Epoch milliseconds. */
  readonly at: number
}

/** What a method says of a comparison at one look. */
export interface Ruling extends Pick<Comparison, 'interval' | 'method' | 'look' | 'afterStop' | 'bayesian'> {
  readonly verdict: 'better' | 'worse' | 'unknown'
  /** Half the width of the interval in standard errors, where it is not that of the confidence sequence. */
  readonly multiplier?: number
  /** The look that was taken. */
  readonly record?: LookRecord
}

/** By the confidence sequence, valid at every look: all metrics but primaries of a method with looks. */
export function ruleByConfidenceSequence({
  sequence,
  alpha,
  definition,
}: Pick<OpenComparison, 'sequence' | 'alpha' | 'definition'>): Ruling {
  const interval = sequence.intervalAt(alpha)
  const bounds = sequence.liftAt?.(alpha) ?? interval.absolute
  return { interval, method: 'confidence-sequence', verdict: sideOf(bounds, definition) }
}

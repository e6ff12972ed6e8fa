import type { Duration } from './duration.ts'
import type { EffectSize } from './metric.ts'

/** What a breach does. */
export type GuardrailAction = 'abort' | 'hold' | 'alert'

/** What must be on the table before a guardrail may let a rollout pass. Missing evidence holds, it never passes. */
export interface EvidenceContract {
  /** Units with a closed window, in each arm, before the guardrail's interval decides. Default 100. */
  readonly minimumUnits?: number
  /** The newest event may be at most this old. Default `'10m'`. */
  readonly maximumDataAge?: Duration
  /** Share of events known to be lost (0 to 1) above which the evidence is not accepted. Default 0.01. */
  readonly maximumLoss?: number
  /** How long missing evidence may hold the rollout before it is aborted. Default `'24h'`. */
  readonly maximumHold?: Duration
}

/**
 * A limit on a treatment arm's own mean, apart from any comparison: the fast path for a catastrophe.
 * It acts on raw counts, before `evidence.minimumUnits` is reached.
 */
export interface HardLimit {
  /** The arm's mean may not be worse than this, in the metric's own unit; worse by the metric's direction. */
  readonly worst: number
  /** Units of the arm, whether or not their window has closed, from which the limit acts. Default 10. */
  readonly minimumUnits?: number
}

export interface Guardrail<M extends string = string> {
  readonly metric: M
  /** How much worse than control is tolerated: a positive size, absolute or relative. */
  readonly margin: EffectSize
  readonly action: GuardrailAction
  readonly evidence?: EvidenceContract
  readonly hardLimit?: HardLimit
}

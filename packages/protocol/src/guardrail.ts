import * as z from 'zod'
import { type Duration, durationSchema } from './duration.ts'
import { type EffectSize, effectSizeSchema } from './metric.ts'

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
 * It acts on raw counts, before `evidence.minimumUnits` is reached. Of a quantile metric, too, it is on the mean of the
 * units' numbers: a tail quantile of ten units is their largest, and no sign of anything.
 */
export interface HardLimit {
  /** The arm's mean may not be worse than this, in the metric's own unit; worse by the metric's direction. */
  readonly worst: number
  /**
   * Units of the arm from which the limit acts: of a metric that should decrease, all that are exposed, for too much
   * is seen as it happens; of one that should increase, those whose window has closed. Default 10.
   */
  readonly minimumUnits?: number
}

/** What must not get worse, and what happens when it does. */
export interface Guardrail<M extends string = string> {
  readonly metric: M
  /** How much worse than control is tolerated: a positive size, absolute or relative. */
  readonly margin: EffectSize
  readonly action: GuardrailAction
  readonly evidence?: EvidenceContract
  readonly hardLimit?: HardLimit
}

/** A guardrail with every default in place. */
export interface SealedGuardrail<M extends string = string> extends Guardrail<M> {
  readonly evidence: Required<EvidenceContract>
  readonly hardLimit?: Required<HardLimit>
}

export const guardrailActionSchema = z.enum(['abort', 'hold', 'alert'])

export const guardrailSchema = z.strictObject({
  metric: z.string().describe('The name of a metric.'),
  margin: effectSizeSchema.describe(
    'How much worse than control is tolerated: { absolute: 0.01 } or { relative: 0.02 }, above zero.',
  ),
  action: guardrailActionSchema.describe('What a breach does.'),
  evidence: z
    .exactOptional(
      z.strictObject({
        minimumUnits: z
          .exactOptional(z.int().positive())
          .describe('Units with a closed window, in each arm, before the interval decides. Default 100.'),
        maximumDataAge: z
          .exactOptional(durationSchema)
          .describe("The newest event may be this old. Default '10m'."),
        maximumLoss: z
          .exactOptional(z.number().min(0).max(1))
          .describe('Share of events known to be lost that is accepted, 0 to 1. Default 0.01.'),
        maximumHold: z
          .exactOptional(durationSchema)
          .describe("How long missing evidence may hold the rollout before it is aborted. Default '24h'."),
      }),
    )
    .describe('What must be on the table before the rollout may pass.'),
  hardLimit: z
    .exactOptional(
      z.strictObject({
        worst: z.number().describe("The treatment arm's mean may not be worse than this."),
        minimumUnits: z
          .exactOptional(z.int().positive())
          .describe('Units of the arm from which the limit acts. Default 10.'),
      }),
    )
    .describe("A limit on a treatment arm's own mean, for a catastrophe."),
})

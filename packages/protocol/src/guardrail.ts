import * as z from 'zod'
import type { Duration } from './duration.ts'
import { durationSchema, lengthSchema } from './duration-schema.ts'
import { type EffectSize, effectSizeSchema } from './metric.ts'

/**
 * What a guardrail is for, and therefore what its breach does. `critical` and `guardrail` abort, the former on raw counts,
 * too, by its hard limit; `signal` holds; `watch` alerts.
 */
export type GuardrailClass = 'critical' | 'guardrail' | 'signal' | 'watch'

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
  /** Once, when `maximumHold` is over: how much longer it may hold while events arrive. Default: no longer. */
  readonly extension?: Duration
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
  /**
   * The mean is over the units first exposed within this last time; of a metric that should increase, over those whose
   * window has closed within it; of measurements, over what was measured. In whole minutes, at most a day. Default: over all
   * of the phase.
   */
  readonly within?: Duration
  /** It acts when at least `breaches` of the last `of` readings, one a minute, were beyond it. Default: at the first. */
  readonly confirm?: Confirmation
}

/** So many of so many readings in a row. */
export interface Confirmation {
  readonly breaches: number
  readonly of: number
}

/** What must not get worse, and what happens when it does. */
export interface Guardrail<M extends string = string> {
  readonly metric: M
  /** How much worse than control is tolerated: a positive size, absolute or relative. */
  readonly margin: EffectSize
  /** What it is for; fixes `action`. Give one of the two. */
  readonly class?: GuardrailClass
  readonly action?: GuardrailAction
  /** It never acts: decisions tell what it would have done. */
  readonly shadow?: boolean
  readonly evidence?: EvidenceContract
  readonly hardLimit?: HardLimit
}

/** A guardrail with every default in place. */
export interface SealedGuardrail<M extends string = string> extends Guardrail<M> {
  readonly action: GuardrailAction
  readonly evidence: Required<Omit<EvidenceContract, 'extension'>> & Pick<EvidenceContract, 'extension'>
  readonly hardLimit?: HardLimit & Required<Pick<HardLimit, 'minimumUnits'>>
}

/** What the breach of a guardrail of each class does. */
export const ACTION_OF_CLASS: { readonly [Class in GuardrailClass]: GuardrailAction } = {
  critical: 'abort',
  guardrail: 'abort',
  signal: 'hold',
  watch: 'alert',
}

export const guardrailActionSchema = z.enum(['abort', 'hold', 'alert'])

export const guardrailSchema = z.strictObject({
  metric: z.string().describe('The name of a metric.'),
  margin: effectSizeSchema.describe(
    'How much worse than control is tolerated: { absolute: 0.01 } or { relative: 0.02 }, above zero.',
  ),
  class: z
    .exactOptional(z.enum(['critical', 'guardrail', 'signal', 'watch']))
    .describe("What it is for: 'critical' and 'guardrail' abort, 'signal' holds, 'watch' alerts."),
  action: z.exactOptional(guardrailActionSchema).describe('What a breach does, where there is no class.'),
  shadow: z.exactOptional(z.boolean()).describe('It never acts; decisions tell what it would have done.'),
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
        extension: z
          .exactOptional(durationSchema)
          .describe('Once, when that is over: how much longer, while events arrive. Default: no longer.'),
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
        within: z
          .exactOptional(lengthSchema)
          .describe(
            "Only units first exposed within this last time, e.g. '10m'; a day at most. Default: all.",
          ),
        confirm: z
          .exactOptional(
            z.strictObject({
              breaches: z.int().positive().max(60).describe('At least so many readings beyond the limit.'),
              of: z.int().positive().max(60).describe('Of so many last readings, one a minute.'),
            }),
          )
          .describe('How many readings must be beyond the limit, e.g. { breaches: 2, of: 3 }.'),
      }),
    )
    .describe("A limit on a treatment arm's own mean, for a catastrophe."),
})

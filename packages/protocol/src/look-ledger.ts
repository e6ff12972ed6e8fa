import * as z from 'zod'
import { digestSchema, wireNameSchema } from './name.ts'
import { countedSchema, wholeSchema } from './whole.ts'

/**
 * Why a look is taken.
 * - `scheduled`: the information has reached the next fraction of the plan
 * - `independent`: out of schedule, at a time that nobody chose by looking at the effect; valid under spending
 * - `chosen`: out of schedule, by somebody who may have seen the effect: the confidence sequence decides from then on
 * - `final`: the end has come before all of the information has, for no reason in the effect: what is left of alpha is spent
 */
export type LookKind = 'scheduled' | 'independent' | 'chosen' | 'final'

/** One look at one comparison of a primary metric, and what it cost. */
export interface LookRecord {
  readonly metric: string
  readonly variant: string
  /** 1, 2, 3 … of this comparison. */
  readonly look: number
  readonly kind: LookKind
  /** Epoch milliseconds. */
  readonly at: number
  /** Units with a closed window, of both arms; of a trial by clusters, the clusters that they are in. */
  readonly units: number
  /** `units` / `maximumUnits`; more than 1 when the plan is overrun. */
  readonly informationFraction: number
  /** Treatment − control, in the metric's unit. */
  readonly effect: number
  /** The standardised effect: the z with the p-value of the effect's own test. */
  readonly z: number
  /**
   * Beyond ± this the look decides. Null where nothing that counts is spent yet, and where the confidence sequence
   * decided: after a `chosen` look, and on harm under `hybrid`.
   */
  readonly boundary: number | null
  /** Two-sided alpha of this comparison that all looks up to this one have spent; what a confidence sequence holds counts as spent. */
  readonly alphaSpent: number
  /** What the look decided, by the metric's direction. */
  readonly decided: 'better' | 'worse' | null
}

/** Every look at one phase. Goes into the next evaluation, and comes out of it grown. */
export interface LookLedger {
  readonly schema: 'fairtrial.look-ledger/1'
  readonly experiment: string
  readonly fingerprint: string
  readonly phase: number
  /** The share of the plan's alpha that belongs to this phase's attempt, and to all attempts so far. */
  readonly attempt: { readonly share: number; readonly total: number }
  /** In the order in which they were taken. */
  readonly looks: readonly LookRecord[]
  /** Evaluations that decided nothing for spending: free under a confidence sequence, descriptive under other methods. */
  readonly glances: number
}

/** The shape of a look ledger. */
export const LookLedger: z.ZodType<LookLedger> = z.object({
  schema: z.literal('fairtrial.look-ledger/1'),
  experiment: wireNameSchema,
  fingerprint: digestSchema,
  phase: countedSchema,
  attempt: z.object({ share: z.number(), total: z.number() }),
  looks: z.array(
    z.object({
      metric: z.string(),
      variant: z.string(),
      look: countedSchema,
      kind: z.enum(['scheduled', 'independent', 'chosen', 'final']),
      at: z.number(),
      units: wholeSchema,
      informationFraction: z.number(),
      effect: z.number(),
      z: z.number(),
      boundary: z.number().nullable(),
      alphaSpent: z.number(),
      decided: z.enum(['better', 'worse']).nullable(),
    }),
  ),
  glances: wholeSchema,
})

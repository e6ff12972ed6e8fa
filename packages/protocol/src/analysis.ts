import * as z from 'zod'
import { type Duration, lengthSchema } from './duration.ts'
import { nameSchema } from './name.ts'

/** How the trial is read, fixed before its start. */
export interface AnalysisPlan<M extends string = string> {
  /** `asymptotic-cs`: the asymptotic confidence sequence (Waudby-Smith et al. 2024), valid at every look. */
  readonly method: 'asymptotic-cs'
  /** Two-sided error of the primary comparison over all looks. Default 0.05. */
  readonly alpha?: number
  /** Units, over the two arms compared, at which the intervals are to be tightest. Fixed before the data. */
  readonly tuneAt: number
  /**
   * Chance that margins abort a harmless treatment, for the whole trial; split evenly over its guardrails. Default 0.05.
   * Hard limits are no tests, and come on top of it.
   */
  readonly falseAbortAlpha?: number
  /** Shares of `alpha` by primary metric, adding up to at most 1; required when there is more than one primary. */
  readonly alphaSplit?: { readonly [Name in M]?: number }
  /** A unit seen in two arms: left out, counted where it was seen first, or where it was assigned. Default `exclude`. */
  readonly crossover?: 'exclude' | 'first' | 'as-assigned'
  /**
   * How late an event may arrive: a window closes this much after it ends. What comes later still counts, for a unit
   * has one final value, and the audit tells it. Default `'1m'`, twice what a recorder may retry for.
   */
  readonly maximumLateness?: Duration
  /** The sequential test of the sample ratio. Default: alpha 0.001, concentration 10,000. */
  readonly sampleRatio?: {
    readonly alpha?: number
    /** Dirichlet concentration of the alternative (Lindon & Malek 2022); smaller reacts sooner to large imbalances. */
    readonly concentration?: number
  }
}

/** An analysis plan with every default in place. */
export interface SealedAnalysisPlan<M extends string = string> extends AnalysisPlan<M> {
  readonly alpha: number
  readonly falseAbortAlpha: number
  readonly crossover: 'exclude' | 'first' | 'as-assigned'
  readonly maximumLateness: Duration
  readonly sampleRatio: { readonly alpha: number; readonly concentration: number }
}

const alphaSchema = z.number().positive().max(0.5)

export const analysisPlanSchema = z.strictObject({
  method: z
    .literal('asymptotic-cs')
    .describe("How the trial is read; 'asymptotic-cs' is the method there is."),
  alpha: z
    .exactOptional(alphaSchema)
    .describe('Two-sided error of the primary comparison over all looks. Default 0.05.'),
  tuneAt: z
    .int()
    .positive()
    .describe('Units, over the two arms compared, at which the intervals are to be tightest, e.g. 20000.'),
  falseAbortAlpha: z
    .exactOptional(alphaSchema)
    .describe('Chance of aborting a harmless treatment, for the whole trial. Default 0.05.'),
  alphaSplit: z
    .exactOptional(z.record(nameSchema, z.number().positive().max(1)))
    .describe('Shares of alpha by primary metric, adding up to at most 1.'),
  crossover: z
    .exactOptional(z.enum(['exclude', 'first', 'as-assigned']))
    .describe("What becomes of a unit seen in two arms. Default 'exclude'."),
  maximumLateness: z
    .exactOptional(lengthSchema)
    .describe("How late an event may arrive before its window closes. Default '1m'."),
  sampleRatio: z
    .exactOptional(
      z.strictObject({
        alpha: z.exactOptional(alphaSchema).describe('Error of the test over all looks. Default 0.001.'),
        concentration: z
          .exactOptional(z.number().positive())
          .describe('Dirichlet concentration of the alternative. Default 10000.'),
      }),
    )
    .describe('The sequential test of the sample ratio.'),
})

import * as z from 'zod'
import type { Duration } from './duration.ts'
import { lengthSchema } from './duration-schema.ts'
import { nameSchema } from './name.ts'
import {
  type AnalysisMethod,
  analysisMethodSchema,
  type BayesianPlan,
  bayesianPlanSchema,
  type FutilityPlan,
  futilityPlanSchema,
  type MetricFamily,
  metricFamilySchema,
  type SpendingRule,
  spendingRuleSchema,
} from './stopping.ts'

/** How the trial is read, fixed before its start. */
export interface AnalysisPlan<M extends string = string> {
  readonly method: AnalysisMethod
  /** Two-sided error of the primary comparison over all looks. Default 0.05. */
  readonly alpha?: number
  /**
   * Units, over the two arms compared, at which the confidence sequences are to be tightest. Fixed before the data. Of a
   * trial by clusters, here and in `maximumUnits`, clusters. Default `maximumUnits`; required without it.
   */
  readonly tuneAt?: number
  /**
   * Units with a closed window, over the two arms compared, at which the trial knows all that it planned to know:
   * information fraction 1. Required by `group-sequential`, `hybrid` and `fixed-horizon`. Units stand for information as
   * long as the arms keep their ratio, and a changed ratio is another phase.
   */
  readonly maximumUnits?: number
  /**
   * The schedule of looks that `group-sequential` and `hybrid` decide at: how many, evenly spaced, or at which
   * information fractions, rising to 1; at most 50. A look is taken at the first evaluation that has reached its
   * fraction, at the information that there is then. Default 5.
   */
  readonly looks?: number | readonly number[]
  /** Of `group-sequential` and `hybrid`. Default Hwang-Shih-DeCani with gamma −4. */
  readonly spending?: SpendingRule
  /** Of `group-sequential` and `hybrid`: when to tell that going on is hardly worth it. */
  readonly futility?: FutilityPlan
  /** Required by `bayesian`. */
  readonly bayesian?: BayesianPlan
  /**
   * Alpha belongs to the experiment's key, not to the phase: the share of `alpha` that each phase, the first attempt,
   * the second and so on, may spend. Default 1, then half of the one before each time; beyond the list, too.
   */
  readonly attempts?: readonly number[]
  /** Metrics judged together, by the family's name. Metrics outside all families are reported unadjusted, and say so. */
  readonly families?: { readonly [family: string]: MetricFamily<M> }
  /** Units that would meet the change in a day if all did: what turns an effect on a unit into an impact a day. */
  readonly expectedUnitsPerDay?: number
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
  readonly tuneAt: number
  /** Information fractions, rising to 1; of a method that decides at looks. */
  readonly looks?: readonly number[]
  readonly futility?: Required<FutilityPlan>
  readonly falseAbortAlpha: number
  readonly crossover: 'exclude' | 'first' | 'as-assigned'
  readonly maximumLateness: Duration
  readonly sampleRatio: { readonly alpha: number; readonly concentration: number }
}

const alphaSchema = z.number().min(1e-12).max(0.5)

export const analysisPlanSchema = z.strictObject({
  method: analysisMethodSchema.describe(
    "How the error is spread over the looks; 'asymptotic-cs' without a planned end, 'group-sequential' with one.",
  ),
  alpha: z
    .exactOptional(alphaSchema)
    .describe('Two-sided error of the primary comparison over all looks. Default 0.05.'),
  tuneAt: z
    .exactOptional(z.int().positive())
    .describe('Units, over the two arms compared, at which the intervals are to be tightest, e.g. 20000.'),
  maximumUnits: z
    .exactOptional(z.int().min(4))
    .describe('Units, over the two arms compared, at which the plan ends, e.g. 40000.'),
  looks: z
    .exactOptional(z.union([z.int().min(1).max(50), z.array(z.number().positive().max(1)).min(1).max(50)]))
    .describe('How many looks, or at which information fractions, e.g. 5 or [0.25, 0.5, 1]. Default 5.'),
  spending: z
    .exactOptional(spendingRuleSchema)
    .describe("How alpha is spent. Default { type: 'hwang-shih-decani', gamma: -4 }."),
  futility: z.exactOptional(futilityPlanSchema).describe('When to tell that going on is hardly worth it.'),
  bayesian: z.exactOptional(bayesianPlanSchema).describe("The rule of the method 'bayesian'."),
  attempts: z
    .exactOptional(z.array(z.number().positive().max(1)).min(1))
    .describe('Share of alpha that each phase may spend. Default 1, then half of the one before.'),
  families: z
    .exactOptional(z.record(nameSchema, metricFamilySchema))
    .describe("Metrics judged together, by the family's name."),
  expectedUnitsPerDay: z
    .exactOptional(z.number().positive())
    .describe('Units that would meet the change in a day if all did.'),
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

import * as z from 'zod'
import { type EffectSize, effectSizeSchema } from './metric.ts'

/**
 * How a trial's error is spread over its looks.
 * - `asymptotic-cs`: a confidence sequence (Waudby-Smith et al. 2024), valid at every look, without an end. For trials
 *   without a planned size, and of every guardrail, whatever the method.
 * - `group-sequential`: alpha spending (Lan & DeMets 1983) over scheduled looks up to `maximumUnits`.
 * - `hybrid`: half of alpha on harm at any look, by the confidence sequence; half on benefit, group-sequential.
 * - `fixed-horizon`: one look, at `maximumUnits`; earlier ones describe and decide nothing.
 * - `bayesian`: a rule on the posterior, fixed in advance. Its rate of false wins is not held by construction:
 *   `fairtrial simulate` prints it, and the plan records what it printed.
 */
export type AnalysisMethod = 'asymptotic-cs' | 'group-sequential' | 'hybrid' | 'fixed-horizon' | 'bayesian'

/** How much of the error may be spent at an information fraction. */
export type SpendingRule =
  | { readonly type: 'hwang-shih-decani'; readonly gamma: number }
  | { readonly type: 'lan-demets-obrien-fleming' }
  | { readonly type: 'lan-demets-pocock' }
  | { readonly type: 'kim-demets'; readonly power: number }

/** A non-binding bound below which going on is hardly worth it: crossing it is told, and costs nothing when ignored. */
export interface FutilityPlan {
  /** The chance of missing `hypothesis.minimumLift`, in (0, 1); spent over the looks. Default 0.2. */
  readonly beta?: number
  /** Default Hwang-Shih-DeCani with gamma −2. */
  readonly spending?: SpendingRule
}

/** A rule on the posterior of the effect, registered before the data. */
export interface BayesianPlan {
  /** A normal prior of the effect, absolute in the metric's unit, or relative to control. */
  readonly prior: {
    readonly scale: 'absolute' | 'relative'
    readonly mean: number
    readonly standardDeviation: number
  }
  /** What must hold together for a win; the mirror of it is a loss. */
  readonly stopWhen: {
    /** Chance that the treatment is better, in (0.5, 1), e.g. 0.95. */
    readonly chanceToBeat: number
    /** Expected loss of shipping by mistake is at most this. */
    readonly expectedLoss?: EffectSize
  }
  /** Effects within this distance of zero make no difference in practice. */
  readonly practicalEquivalence?: EffectSize
  /** What `fairtrial simulate` printed for this plan: the share of trials without an effect that end in a win. */
  readonly simulatedErrorRate?: number
}

/** Tests that are judged together. */
export interface MetricFamily<M extends string = string> {
  /**
   * Metrics; each counts once a treatment. A metric is in one family at most; a primary in none, for alpha is split over
   * it; and a guardrail in none, for it has `falseAbortAlpha`.
   */
  readonly metrics: readonly M[]
  readonly method: 'bonferroni' | 'holm' | 'hochberg' | 'benjamini-hochberg' | 'benjamini-yekutieli'
  /** The family's error (or rate of false discoveries). Default the plan's alpha. */
  readonly alpha?: number
  /** By metric, for `bonferroni` and `holm`: its share of alpha in proportion to the others. Default 1 each. */
  readonly weights?: { readonly [Name in M]?: number }
}

export const analysisMethodSchema = z.enum([
  'asymptotic-cs',
  'group-sequential',
  'hybrid',
  'fixed-horizon',
  'bayesian',
])

const shareSchema = z.number().positive().lt(1)

function ruleOf<const T extends SpendingRule['type']>(type: T) {
  return z
    .literal(type)
    .describe(
      "One of 'hwang-shih-decani' with gamma, 'kim-demets' with power, 'lan-demets-obrien-fleming', 'lan-demets-pocock'.",
    )
}

export const spendingRuleSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: ruleOf('hwang-shih-decani'),
    gamma: z.number().min(-40).max(40).describe('Below zero it spends late, e.g. -4.'),
  }),
  z.strictObject({ type: ruleOf('lan-demets-obrien-fleming') }),
  z.strictObject({ type: ruleOf('lan-demets-pocock') }),
  z.strictObject({
    type: ruleOf('kim-demets'),
    power: z
      .number()
      .positive()
      .max(50)
      .describe('Of the information fraction: above 1 it spends late, e.g. 2.'),
  }),
])

export const futilityPlanSchema = z.strictObject({
  beta: z.exactOptional(shareSchema).describe('Chance of missing hypothesis.minimumLift. Default 0.2.'),
  spending: z
    .exactOptional(spendingRuleSchema)
    .describe("How it is spent. Default { type: 'hwang-shih-decani', gamma: -2 }."),
})

export const bayesianPlanSchema = z.strictObject({
  prior: z
    .strictObject({
      scale: z.enum(['absolute', 'relative']).describe("What the prior is in: 'absolute' or 'relative'."),
      mean: z.number().describe('Mean of the effect before the data, mostly 0.'),
      standardDeviation: z
        .number()
        .min(1e-100)
        .max(1e100)
        .describe('Its standard deviation, e.g. 0.05 relative.'),
    })
    .describe('A normal prior of the effect.'),
  stopWhen: z
    .strictObject({
      chanceToBeat: z.number().gt(0.5).lt(1).describe('Chance that the treatment is better, e.g. 0.95.'),
      expectedLoss: z
        .exactOptional(effectSizeSchema)
        .describe('Expected loss of shipping by mistake is at most this.'),
    })
    .describe('What must hold together for a win.'),
  practicalEquivalence: z
    .exactOptional(effectSizeSchema)
    .describe('Effects within this distance of zero make no difference in practice.'),
  simulatedErrorRate: z
    .exactOptional(z.number().min(0).max(1))
    .describe('What `fairtrial simulate` printed for this plan.'),
})

export const metricFamilySchema = z.strictObject({
  metrics: z.array(z.string()).min(1).describe('The names of metrics.'),
  method: z
    .enum(['bonferroni', 'holm', 'hochberg', 'benjamini-hochberg', 'benjamini-yekutieli'])
    .describe('How they are judged together.'),
  alpha: z
    .exactOptional(z.number().min(1e-12).max(0.5))
    .describe("The family's error. Default analysis.alpha."),
  weights: z
    .exactOptional(z.record(z.string(), z.number().positive()))
    .describe("By metric: its share of the family's alpha in proportion to the others."),
})

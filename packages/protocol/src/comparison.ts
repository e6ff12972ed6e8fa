import * as z from 'zod'
import {
  type Bounds,
  boundsSchema,
  type Estimate,
  type Interval,
  intervalSchema,
  numberSchema,
} from './estimate.ts'
import { type FixedLook, fixedLookSchema } from './fixed-look.ts'
import { type GuardrailAction, guardrailActionSchema } from './guardrail.ts'
import { type LookKind } from './look-ledger.ts'
import { type EffectSize, effectSizeSchema } from './metric.ts'
import { wholeSchema } from './whole.ts'

/** `breach`: the interval lies wholly beyond the margin. `ok`: wholly inside. Else `unknown`, and why. */
export interface GuardrailEvaluation {
  readonly verdict: 'breach' | 'ok' | 'unknown'
  readonly margin: EffectSize
  readonly action: GuardrailAction
  /** One sentence with the numbers. */
  readonly detail: string
  /** Set where a hard limit is declared and the arm has the units for it. */
  readonly hardLimit?: {
    readonly breached: boolean
    readonly mean: number
    readonly worst: number
    readonly units: number
    /** Where so many of the last readings must be beyond the limit: how many are, of those that had the units. */
    readonly confirmed?: { readonly beyond: number; readonly readings: number }
    /** What was read, with its numbers: the end of a sentence that begins with the arm. Evaluations of old have none. */
    readonly detail?: string
  }
}

/**
 * What made an interval.
 * - `confidence-sequence`: valid at every look
 * - `repeated`: of a group-sequential plan at its looks so far (Jennison & Turnbull 1989)
 * - `fixed`: of the one look of a fixed horizon
 * - `credible`: of a posterior; valid at any look, holds no error rate
 */
export type IntervalMethod = 'confidence-sequence' | 'repeated' | 'fixed' | 'credible'

/** Where a comparison stands in its schedule of looks. */
export interface LookReading {
  /** `glance`: between looks; it describes, and decides nothing. `done`: an earlier look has decided. */
  readonly kind: LookKind | 'glance' | 'done'
  /** Looks taken so far. */
  readonly taken: number
  /** Units with a closed window over `maximumUnits`. */
  readonly informationFraction: number
  /** The fraction of the next look; null after the last. */
  readonly nextAt: number | null
  /** Beyond ± this a look at this information decides; null of a glance. */
  readonly boundary: number | null
  /** Two-sided alpha of this comparison spent by all looks so far, and what it has in all. */
  readonly alphaSpent: number
  readonly alpha: number
  /** The chance to end better: at the hypothesis' minimum lift; and over the data so far with a flat prior. */
  readonly conditionalPower?: number
  readonly predictivePower?: number
  /** Whether a futility bound of the plan is crossed: a word, no verdict. */
  readonly isFutile?: boolean
}

/** After a look has decided: estimates that make up for having stopped at an extreme (stage-wise ordering). */
export interface StoppedEstimate {
  readonly pValue: number
  readonly medianUnbiased: Estimate<number>
  readonly interval: Estimate<Bounds>
  readonly level: number
}

/** The comparison judged together with its family. */
export interface AdjustedComparison {
  readonly family: string
  readonly method: string
  readonly pValue: Estimate<number>
  readonly isSignificant: boolean
  readonly interval: Interval
  /** What the interval promises, see `adjustFamily` of @fairtrial/statistics. */
  readonly coverage: 'simultaneous' | 'simultaneous-wider' | 'false-coverage-rate' | 'marginal'
}

/** The same comparison without something: covariates and strata, or a cap. */
export interface PlainEstimate {
  readonly effect: { readonly absolute: Estimate<number>; readonly relative: Estimate<number> }
  readonly standardError: Estimate<number>
  readonly interval: Interval
}

/** What a posterior says. */
export interface BayesianReading {
  readonly chanceToBeat: Estimate<number>
  /** Expected loss of shipping, and of staying, in the metric's unit. */
  readonly expectedLoss: { readonly ship: Estimate<number>; readonly stay: Estimate<number> }
  readonly interval: Interval
  /** Chance of an effect within practical equivalence, where the plan names one. */
  readonly practicallyEquivalent?: Estimate<number>
}

/** A treatment arm against control, on one metric. */
export interface Comparison {
  readonly effect: { readonly absolute: Estimate<number>; readonly relative: Estimate<number> }
  /** Of the absolute effect. */
  readonly standardError: Estimate<number>
  /** Of the relative effect, by the delta method. */
  readonly relativeStandardError: Estimate<number>
  /** Valid at this look, whatever the looks before. */
  readonly interval: Interval
  readonly method: IntervalMethod
  /** What must be true for the interval to hold: sentences for this method and this metric. */
  readonly assumptions: readonly string[]
  /** Of the confidence sequence: the smallest alpha at which zero is outside. */
  readonly anytimePValue: Estimate<number>
  readonly fixed: FixedLook
  /**
   * Of a metric with role guardrail, its guardrail's verdict; of a primary, what the plan's looks have decided; of any
   * other, whether the interval lies wholly on the better or the worse side of zero.
   */
  readonly verdict: 'breach' | 'ok' | 'better' | 'worse' | 'unknown'
  /** Of primary metrics under a method with looks. */
  readonly look?: LookReading
  readonly afterStop?: StoppedEstimate
  readonly bayesian?: BayesianReading
  readonly adjusted?: AdjustedComparison
  /** Where covariates or strata are in the estimate: without them; and the share of the variance that they took. */
  readonly unadjusted?: PlainEstimate & { readonly varianceReduction: Estimate<number> }
  readonly uncapped?: PlainEstimate & {
    readonly changedUnits: { readonly control: number; readonly treatment: number }
  }
  /**
   * The true effect, absolute, that this many units would find in four of five trials at this look's level: beyond it
   * something would probably have shown.
   */
  readonly detectable: Estimate<number>
  /** One sentence: what the interval rules out. "Inconclusive" is not "no effect". */
  readonly ruledOut: string
  /** Where the metric names the lift that pays: whether the interval lies wholly above it, wholly below it, or neither. */
  readonly practical?: { readonly threshold: EffectSize; readonly verdict: 'above' | 'below' | 'unknown' }
  /** Where the plan says how many units a day there are: the effect on all of them in a day. */
  readonly impactPerDay?: { readonly total: Estimate<number>; readonly interval: Estimate<Bounds> }
  /** Where a guardrail is declared on the metric, whatever its role. */
  readonly guardrail?: GuardrailEvaluation
}

const effectSchema = z.object({ absolute: numberSchema, relative: numberSchema })
const plainEstimate = { effect: effectSchema, standardError: numberSchema, interval: intervalSchema }

const guardrailEvaluationSchema = z.object({
  verdict: z.enum(['breach', 'ok', 'unknown']),
  margin: effectSizeSchema,
  action: guardrailActionSchema,
  detail: z.string(),
  hardLimit: z.exactOptional(
    z.object({
      breached: z.boolean(),
      mean: z.number(),
      worst: z.number(),
      units: wholeSchema,
      confirmed: z.exactOptional(z.object({ beyond: wholeSchema, readings: wholeSchema })),
      detail: z.exactOptional(z.string()),
    }),
  ),
})

const lookReadingSchema = z.object({
  kind: z.enum(['scheduled', 'independent', 'chosen', 'final', 'glance', 'done']),
  taken: wholeSchema,
  informationFraction: z.number(),
  nextAt: z.number().nullable(),
  boundary: z.number().nullable(),
  alphaSpent: z.number(),
  alpha: z.number(),
  conditionalPower: z.exactOptional(z.number()),
  predictivePower: z.exactOptional(z.number()),
  isFutile: z.exactOptional(z.boolean()),
})

export const comparisonSchema = z.object({
  effect: effectSchema,
  standardError: numberSchema,
  relativeStandardError: numberSchema,
  interval: intervalSchema,
  method: z.enum(['confidence-sequence', 'repeated', 'fixed', 'credible']),
  assumptions: z.array(z.string()),
  anytimePValue: numberSchema,
  fixed: fixedLookSchema,
  verdict: z.enum(['breach', 'ok', 'better', 'worse', 'unknown']),
  look: z.exactOptional(lookReadingSchema),
  afterStop: z.exactOptional(
    z.object({
      pValue: z.number(),
      medianUnbiased: numberSchema,
      interval: boundsSchema,
      level: z.number(),
    }),
  ),
  bayesian: z.exactOptional(
    z.object({
      chanceToBeat: numberSchema,
      expectedLoss: z.object({ ship: numberSchema, stay: numberSchema }),
      interval: intervalSchema,
      practicallyEquivalent: z.exactOptional(numberSchema),
    }),
  ),
  adjusted: z.exactOptional(
    z.object({
      family: z.string(),
      method: z.string(),
      pValue: numberSchema,
      isSignificant: z.boolean(),
      interval: intervalSchema,
      coverage: z.enum(['simultaneous', 'simultaneous-wider', 'false-coverage-rate', 'marginal']),
    }),
  ),
  unadjusted: z.exactOptional(z.object({ ...plainEstimate, varianceReduction: numberSchema })),
  uncapped: z.exactOptional(
    z.object({
      ...plainEstimate,
      changedUnits: z.object({ control: wholeSchema, treatment: wholeSchema }),
    }),
  ),
  detectable: numberSchema,
  ruledOut: z.string(),
  practical: z.exactOptional(
    z.object({ threshold: effectSizeSchema, verdict: z.enum(['above', 'below', 'unknown']) }),
  ),
  impactPerDay: z.exactOptional(z.object({ total: numberSchema, interval: boundsSchema })),
  guardrail: z.exactOptional(guardrailEvaluationSchema),
})

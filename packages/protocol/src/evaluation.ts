import * as z from 'zod'
import { type GuardrailAction, guardrailActionSchema } from './guardrail.ts'
import {
  type Direction,
  directionSchema,
  type EffectSize,
  effectSizeSchema,
  type MetricRole,
  metricRoleSchema,
} from './metric.ts'
import { digestSchema, wireNameSchema } from './name.ts'
import { countedSchema, wholeSchema } from './whole.ts'

/** Stands where a number cannot be had, and says why. Silence is never encoded as 0, 1 or NaN. */
export interface NotEstimable {
  readonly notEstimable: {
    readonly code:
      | 'no-data'
      | 'too-few-units'
      | 'zero-variance'
      | 'zero-control-mean'
      | 'non-finite'
      | 'unbounded'
      | 'not-applicable'
    readonly detail: string
  }
}

/** A number, or why there is none. */
export type Estimate<T> = T | NotEstimable

/** Lower and upper end. */
export type Bounds = readonly [lower: number, upper: number]

/** Where the effect lies, with a stated coverage. */
export interface Interval {
  /** Coverage, e.g. 0.95. */
  readonly level: number
  /** Treatment − control, in the metric's unit. */
  readonly absolute: Estimate<Bounds>
  /** (Treatment − control) / |control|. */
  readonly relative: Estimate<Bounds>
}

/** One arm's numbers, over units whose window has closed. */
export interface ArmEvaluation {
  readonly n: number
  readonly mean: Estimate<number>
  /** Sample variance (n − 1). */
  readonly variance: Estimate<number>
  /** All exposed units at their values so far: descriptive, decides nothing. */
  readonly current: { readonly n: number; readonly mean: Estimate<number> }
  readonly missing: number
}

/** What a test at one fixed look would say: for reading beside, not for deciding at many looks. */
export interface FixedLook {
  readonly method: 'welch'
  readonly statistic: Estimate<number>
  readonly degreesOfFreedom: Estimate<number>
  readonly pValue: Estimate<number>
  readonly interval: Interval
  /** For proportions: the pooled z test and Newcombe's interval. */
  readonly twoProportions?: {
    readonly z: Estimate<number>
    readonly pValue: Estimate<number>
    readonly interval: Estimate<Bounds>
  }
}

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
  }
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
  /** Dual to that interval: the smallest alpha at which zero is outside. */
  readonly anytimePValue: Estimate<number>
  readonly fixed: FixedLook
  /**
   * Of a metric with role guardrail, its guardrail's verdict; of any other, whether the interval lies
   * wholly on the better or the worse side of zero.
   */
  readonly verdict: 'breach' | 'ok' | 'better' | 'worse' | 'unknown'
  /** Where a guardrail is declared on the metric, whatever its role. */
  readonly guardrail?: GuardrailEvaluation
}

/** What is known of one metric, in every arm. */
export interface MetricEvaluation {
  readonly role: MetricRole
  readonly direction: Direction
  readonly variants: { readonly [variant: string]: ArmEvaluation }
  /** By treatment variant; control is not a key. */
  readonly comparisons: { readonly [variant: string]: Comparison }
}

/** What is known at one look. */
export interface Evaluation<M extends string = string> {
  readonly schema: 'fairtrial.evaluation/1'
  readonly experiment: string
  readonly fingerprint: string
  readonly phase: number
  readonly asOf: number
  readonly method: 'asymptotic-cs'
  readonly units: { readonly [variant: string]: number }
  readonly metrics: { readonly [Name in M]: MetricEvaluation }
}

const notEstimableSchema = z.object({
  notEstimable: z.object({
    code: z.enum([
      'no-data',
      'too-few-units',
      'zero-variance',
      'zero-control-mean',
      'non-finite',
      'unbounded',
      'not-applicable',
    ]),
    detail: z.string(),
  }),
})
const numberSchema = z.union([z.number(), notEstimableSchema])
const boundsSchema = z.union([z.tuple([z.number(), z.number()]), notEstimableSchema])
const intervalSchema = z.object({ level: z.number(), absolute: boundsSchema, relative: boundsSchema })

const armSchema = z.object({
  n: wholeSchema,
  mean: numberSchema,
  variance: numberSchema,
  current: z.object({ n: wholeSchema, mean: numberSchema }),
  missing: wholeSchema,
})

const fixedLookSchema = z.object({
  method: z.literal('welch'),
  statistic: numberSchema,
  degreesOfFreedom: numberSchema,
  pValue: numberSchema,
  interval: intervalSchema,
  twoProportions: z.exactOptional(
    z.object({ z: numberSchema, pValue: numberSchema, interval: boundsSchema }),
  ),
})

const guardrailEvaluationSchema = z.object({
  verdict: z.enum(['breach', 'ok', 'unknown']),
  margin: effectSizeSchema,
  action: guardrailActionSchema,
  detail: z.string(),
  hardLimit: z.exactOptional(
    z.object({ breached: z.boolean(), mean: z.number(), worst: z.number(), units: wholeSchema }),
  ),
})

const comparisonSchema = z.object({
  effect: z.object({ absolute: numberSchema, relative: numberSchema }),
  standardError: numberSchema,
  relativeStandardError: numberSchema,
  interval: intervalSchema,
  anytimePValue: numberSchema,
  fixed: fixedLookSchema,
  verdict: z.enum(['breach', 'ok', 'better', 'worse', 'unknown']),
  guardrail: z.exactOptional(guardrailEvaluationSchema),
})

/** The shape of an evaluation. */
export const Evaluation: z.ZodType<Evaluation> = z.object({
  schema: z.literal('fairtrial.evaluation/1'),
  experiment: wireNameSchema,
  fingerprint: digestSchema,
  phase: countedSchema,
  asOf: z.number(),
  method: z.literal('asymptotic-cs'),
  units: z.record(z.string(), wholeSchema),
  metrics: z.record(
    z.string(),
    z.object({
      role: metricRoleSchema,
      direction: directionSchema,
      variants: z.record(z.string(), armSchema),
      comparisons: z.record(z.string(), comparisonSchema),
    }),
  ),
})

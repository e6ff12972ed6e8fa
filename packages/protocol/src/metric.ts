import * as z from 'zod'
import { type Duration, durationSchema } from './duration.ts'

/** A size of effect against control: absolute in the metric's own unit, or relative (0.02 is 2 % of control). */
export type EffectSize = { readonly absolute: number } | { readonly relative: number }

/** Which way a metric is better. */
export type Direction = 'increase' | 'decrease'

/** What a metric is for; fixed before the start. Exactly one primary, or a declared `analysis.alphaSplit`. */
export type MetricRole = 'primary' | 'secondary' | 'guardrail' | 'quality' | 'exploratory'

/**
 * How a unit's outcomes become one number.
 * - `proportion`: 1 if the event happened within the window, else 0
 * - `count`: how often it happened
 * - `mean`: the events' values, folded by `aggregate`
 */
export type MetricType = 'proportion' | 'count' | 'mean'

/** What was known about a metric before the trial. */
export interface Baseline {
  readonly mean: number
  readonly variance: number
  /** Units the baseline was computed from. */
  readonly units?: number
  /** The stretch of history it covers. */
  readonly window?: Duration
  /** Where it came from: a query's digest, a dashboard, a log. */
  readonly source?: string
}

/** What is measured on every unit, and which way is better. */
export interface MetricDefinition {
  readonly type: MetricType
  readonly role: MetricRole
  readonly direction: Direction
  /**
   * Outcomes count from the first exposure until this much later. A unit enters the sequential
   * analysis when its window has closed, with its final value.
   */
  readonly window: Duration
  /** The outcome's name. Default: the metric's own name. */
  readonly event?: string
  /** The column of a unit table. Default: the metric's own name. */
  readonly column?: string
  /** Of a `mean`: how several values of one unit become one. Default `sum`. */
  readonly aggregate?: 'sum' | 'mean' | 'max' | 'min' | 'first' | 'last'
  /**
   * A unit without any outcome counts as zero, or is left out. Default: `zero` for proportions, counts
   * and sums (their true value), `exclude` for the other aggregates, which have no value then.
   */
  readonly whenMissing?: 'zero' | 'exclude'
  /** What the number is measured in, for people: `seconds`, `rounds`. */
  readonly unit?: string
  /** Grows with every change of meaning. Default 1. */
  readonly version?: number
  readonly baseline?: Baseline
  /** The lift that pays, apart from the lift that can be detected. */
  readonly practicalThreshold?: EffectSize
  readonly description?: string
}

/** A metric with every default in place. */
export interface SealedMetric extends MetricDefinition {
  readonly event: string
  readonly column: string
  readonly whenMissing: 'zero' | 'exclude'
  readonly version: number
}

export const directionSchema = z.enum(['increase', 'decrease'])

/** A size above zero. */
export const effectSizeSchema = z.union([
  z.strictObject({ absolute: z.number().positive() }),
  z.strictObject({ relative: z.number().positive() }),
])

export const metricRoleSchema = z.enum(['primary', 'secondary', 'guardrail', 'quality', 'exploratory'])

export const metricSchema = z.strictObject({
  type: z.enum(['proportion', 'count', 'mean']).describe("How a unit's outcomes become one number."),
  role: metricRoleSchema.describe('What the metric is for.'),
  direction: directionSchema.describe('Which way is better.'),
  window: durationSchema.describe("How long outcomes count after the first exposure, e.g. '7d'."),
  event: z.exactOptional(z.string().min(1)).describe("The outcome's name. Default: the metric's own."),
  column: z
    .exactOptional(z.string().min(1))
    .describe("The column of a unit table. Default: the metric's own name."),
  aggregate: z
    .exactOptional(z.enum(['sum', 'mean', 'max', 'min', 'first', 'last']))
    .describe("Of a mean: how several values of one unit become one. Default 'sum'."),
  whenMissing: z
    .exactOptional(z.enum(['zero', 'exclude']))
    .describe('Whether a unit without any outcome counts as zero or is left out.'),
  unit: z.exactOptional(z.string()).describe('What the number is measured in, for people.'),
  version: z.exactOptional(z.int().positive()).describe('Grows with every change of meaning. Default 1.'),
  baseline: z
    .exactOptional(
      z.strictObject({
        mean: z.number().describe('The mean over units before the trial.'),
        variance: z.number().nonnegative().describe('The variance over units before the trial.'),
        units: z.exactOptional(z.int().positive()).describe('Units the baseline was computed from.'),
        window: z.exactOptional(durationSchema).describe('The stretch of history it covers.'),
        source: z
          .exactOptional(z.string())
          .describe("Where it came from: a query's digest, a dashboard, a log."),
      }),
    )
    .describe('What was known about the metric before the trial.'),
  practicalThreshold: z.exactOptional(effectSizeSchema).describe('The lift that pays.'),
  description: z.exactOptional(z.string()).describe('For people; not sealed.'),
})

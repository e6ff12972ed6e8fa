import * as z from 'zod'
import type { Duration } from './duration.ts'
import { durationSchema, lengthSchema } from './duration-schema.ts'

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
 * - `ratio`: the sum of the events' values over the sum of `denominator`'s, over all units of an arm: clicks per page view
 * - `quantile`: as `mean`; what is compared is the `quantile` of the units' numbers, one a unit
 */
export type MetricType = 'proportion' | 'count' | 'mean' | 'ratio' | 'quantile'

/**
 * Where a metric's numbers come from.
 * - `outcomes`: what happened to a unit, within its window after its first exposure; one number a unit
 * - `measurements`: what a service measured in each request that it served in the arm, as latency or errors
 *   (`MeasurementEvent`). The number of an arm is that of its requests, a mean or a quantile of all of them; its spread is
 *   that of units, which are dealt into clusters and left out one cluster at a time.
 */
export type MetricSource = 'outcomes' | 'measurements'

/** What a ratio is per. */
export interface Denominator {
  /** The outcome whose values are summed. */
  readonly event: string
  /** The column of a unit table. Default: the event's name. */
  readonly column?: string
}

/**
 * What was measured on a unit before its first exposure, to take out of its outcome what it explains (CUPED). Of a log:
 * the sum of an event's values in the stretch before the first exposure. Of a table: a column.
 */
export interface Covariate {
  /** The outcome's name. Default: the metric's own event. */
  readonly event?: string
  /** How far back from the first exposure. Required to be found in a log. */
  readonly before?: Duration
  /** The column of a unit table; an empty cell is a missing value. Required to be found in a table. */
  readonly column?: string
}

/** Limits on one unit's number, fixed in advance: winsorizing. */
export interface Cap {
  readonly lower?: number
  readonly upper?: number
}

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
   * analysis when its window has closed, with its final value. Required, but of measurements, which have none.
   */
  readonly window?: Duration
  /** Default `outcomes`. Measurements can be guarded, and never decide: a primary has another source. */
  readonly source?: MetricSource
  /** The name of the outcome, or of what is measured. Default: the metric's own name. */
  readonly event?: string
  /** The column of a unit table. Default: the metric's own name. */
  readonly column?: string
  /** Of a `mean` or `quantile`: how several values of one unit become one. Default `sum`; of a quantile, `mean`. */
  readonly aggregate?: 'sum' | 'mean' | 'max' | 'min' | 'first' | 'last'
  /**
   * A unit without any outcome counts as zero, or is left out. Default: `zero` for proportions, counts
   * and sums (their true value), `exclude` for the other aggregates, which have no value then. Of a ratio, a unit
   * without outcomes counts with nothing above and nothing below.
   */
  readonly whenMissing?: 'zero' | 'exclude'
  /** What the number is measured in, for people: `seconds`, `rounds`. */
  readonly unit?: string
  /** Grows with every change of meaning. Default 1. */
  readonly version?: number
  /** Of a `ratio`, and required there. */
  readonly denominator?: Denominator
  /** Of a `quantile`, and required there: in (0, 1), e.g. 0.95. */
  readonly quantile?: number
  /** Outcomes count from this much after the first exposure on. Default none; the window begins there. */
  readonly delay?: Duration
  /** Of counts and means: a unit's number is drawn to these limits; the evaluation shows the effect without them beside. */
  readonly cap?: Cap
  /** A unit's outcomes beyond so many, the earliest counting first, are left out: no bot makes an arm. */
  readonly maximumEvents?: number
  /** What is taken out of the estimate by regression, each from before the first exposure. */
  readonly covariates?: readonly Covariate[]
  /** The effect is told by days since exposure too, with a test of its slope. For windows of two days or more. */
  readonly byDay?: boolean
  /** The arms are compared by ranks too (Mann-Whitney), beside the means. */
  readonly ranks?: boolean
  /**
   * Of what happens rarely, as crashes do: the arms of a `proportion` or a `count` are compared by their events alone,
   * given how many there are in all and how many units each arm has. Right from the first event on, where a mean is not
   * nearly normal yet; it tells the relative effect, and bounds no absolute one. Events of a count must not come in bursts.
   */
  readonly rareEvents?: boolean
  /**
   * Exists in treatment arms only, as the use of what is new: reported for each arm by itself, never compared, and never
   * the primary.
   */
  readonly adoption?: boolean
  readonly baseline?: Baseline
  /** The lift that pays, apart from the lift that can be detected. */
  readonly practicalThreshold?: EffectSize
  readonly description?: string
}

/** A metric with every default in place. */
export interface SealedMetric extends MetricDefinition {
  /** Of measurements `0s`: each counts as it is made. */
  readonly window: Duration
  readonly event: string
  readonly column: string
  readonly whenMissing: 'zero' | 'exclude'
  readonly version: number
  readonly denominator?: Required<Denominator>
  readonly covariates?: readonly (Covariate & { readonly event: string })[]
}

export const directionSchema = z.enum(['increase', 'decrease'])

/** A size above zero. */
export const effectSizeSchema = z.union([
  z.strictObject({ absolute: z.number().positive() }),
  z.strictObject({ relative: z.number().positive() }),
])

export const metricRoleSchema = z.enum(['primary', 'secondary', 'guardrail', 'quality', 'exploratory'])

const fieldsSchema = z.strictObject({
  type: z
    .enum(['proportion', 'count', 'mean', 'ratio', 'quantile'])
    .describe("How a unit's outcomes become one number."),
  role: metricRoleSchema.describe('What the metric is for.'),
  direction: directionSchema.describe('Which way is better.'),
  // Of outcomes longer than nothing, as coherence has it.
  window: z
    .exactOptional(lengthSchema)
    .describe("How long outcomes count after the first exposure, e.g. '7d'; measurements have no window."),
  source: z
    .exactOptional(z.enum(['outcomes', 'measurements']))
    .describe("Where its numbers come from: outcomes of units (the default), or a service's measurements."),
  event: z
    .exactOptional(z.string().min(1))
    .describe("The name of the outcome, or of what is measured. Default: the metric's own."),
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
  denominator: z
    .exactOptional(
      z.strictObject({
        event: z.string().min(1).describe('The outcome whose values are summed.'),
        column: z
          .exactOptional(z.string().min(1))
          .describe("The column of a unit table. Default: the event's name."),
      }),
    )
    .describe('What a ratio is per.'),
  quantile: z.exactOptional(z.number().positive().lt(1)).describe('Of a quantile metric: e.g. 0.95.'),
  delay: z
    .exactOptional(durationSchema)
    .describe('How much later than the first exposure outcomes begin to count.'),
  cap: z
    .exactOptional(z.strictObject({ lower: z.exactOptional(z.number()), upper: z.exactOptional(z.number()) }))
    .describe("Limits that a unit's number is drawn to, fixed in advance: { upper: 100 }."),
  maximumEvents: z
    .exactOptional(z.int().positive())
    .describe("A unit's outcomes beyond so many are left out."),
  covariates: z
    .exactOptional(
      z
        .array(
          z.strictObject({
            event: z
              .exactOptional(z.string().min(1))
              .describe("The outcome's name. Default: the metric's event."),
            before: z
              .exactOptional(durationSchema)
              .describe("How far back from the first exposure, e.g. '14d'."),
            column: z.exactOptional(z.string().min(1)).describe('The column of a unit table.'),
          }),
        )
        .min(1)
        .max(10),
    )
    .describe('What was measured before the first exposure.'),
  byDay: z.exactOptional(z.boolean()).describe('Whether the effect is told by days since exposure.'),
  ranks: z.exactOptional(z.boolean()).describe('Whether the arms are compared by ranks too.'),
  rareEvents: z
    .exactOptional(z.boolean())
    .describe(
      'Whether the arms are compared by the number of their events alone, which holds from the first on.',
    ),
  adoption: z
    .exactOptional(z.boolean())
    .describe('Whether it exists in treatment arms only, and is never compared.'),
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

/** For editors, to which only the schema speaks: coherence says the same. */
const WINDOWED = {
  anyOf: [
    { required: ['window'] },
    { required: ['source'], properties: { source: { const: 'measurements' } } },
  ],
}

export const metricSchema = fieldsSchema.meta(WINDOWED)

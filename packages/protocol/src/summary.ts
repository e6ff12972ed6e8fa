import * as z from 'zod'
import { digestSchema, wireNameSchema } from './name.ts'
import { countedSchema, wholeSchema } from './whole.ts'

/** Centred sufficient statistics of a sample: count, mean, sum of squared deviations from the mean. */
export interface Moments {
  readonly n: number
  readonly mean: number
  readonly m2: number
}

/** One metric in one arm. */
export interface MetricSummary {
  /** Units whose window has closed, at their final values: what decides. */
  readonly closed: Moments
  /** All exposed units at their values so far: descriptive, and what hard limits look at. */
  readonly current: Moments
  /** Units without a value, where the metric leaves them out. */
  readonly missing: number
}

/** What was set aside while folding, each a count of events or units. */
export interface SummaryCounts {
  /** Units exposed in more than one arm. */
  readonly crossoverUnits: number
  /** Exposures beyond a unit's first in its arm. */
  readonly repeatedExposures: number
  /** Outcomes before the unit's first exposure; they never count. */
  readonly earlyOutcomes: number
  /** Outcomes after every window of the unit had closed. */
  readonly lateOutcomes: number
  /** Outcomes with an id already seen. */
  readonly repeatedOutcomes: number
  /** Outcomes of units never exposed. */
  readonly unmatchedOutcomes: number
  /** Exposures of an arm that the definition does not have, or of another definition, phase or unit type. */
  readonly foreignExposures: number
  /** Values that are not finite numbers. */
  readonly nonFiniteValues: number
}

/** A trial folded to what an evaluation needs. Summaries of disjoint sets of units merge by addition. */
export interface TrialSummary {
  readonly schema: 'fairtrial.summary/1'
  readonly experiment: string
  readonly fingerprint: string
  readonly phase: number
  /** Epoch milliseconds up to which windows have been closed. */
  readonly asOf: number
  /** Exposed units that count, by variant; every variant of the definition is a key. */
  readonly units: { readonly [variant: string]: number }
  /** By metric, then variant. */
  readonly metrics: { readonly [metric: string]: { readonly [variant: string]: MetricSummary } }
  readonly counts: SummaryCounts
  /** Epoch milliseconds of the newest event; null without any. */
  readonly newestEventAt: number | null
}

const momentsSchema = z.object({ n: wholeSchema, mean: z.number(), m2: z.number().nonnegative() })

/** The shape of a summary. */
export const TrialSummary: z.ZodType<TrialSummary> = z.object({
  schema: z.literal('fairtrial.summary/1'),
  experiment: wireNameSchema,
  fingerprint: digestSchema,
  phase: countedSchema,
  asOf: z.number(),
  units: z.record(z.string(), wholeSchema),
  metrics: z.record(
    z.string(),
    z.record(z.string(), z.object({ closed: momentsSchema, current: momentsSchema, missing: wholeSchema })),
  ),
  counts: z.object({
    crossoverUnits: wholeSchema,
    repeatedExposures: wholeSchema,
    earlyOutcomes: wholeSchema,
    lateOutcomes: wholeSchema,
    repeatedOutcomes: wholeSchema,
    unmatchedOutcomes: wholeSchema,
    foreignExposures: wholeSchema,
    nonFiniteValues: wholeSchema,
  }),
  newestEventAt: z.number().nullable(),
})

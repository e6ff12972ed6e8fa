import * as z from 'zod'
import { type MeasuredCluster, measuredClustersSchema } from './measurement.ts'
import { digestSchema, wireNameSchema } from './name.ts'
import { countedSchema, wholeSchema } from './whole.ts'

/** Centred sufficient statistics of a sample: count, mean, sum of squared deviations from the mean. */
export interface Moments {
  readonly n: number
  readonly mean: number
  readonly m2: number
}

/**
 * The same of rows of k numbers, a row a unit: the mean of each column, and the k × k sums of products of deviations.
 */
export interface JointMoments {
  readonly n: number
  readonly means: readonly number[]
  readonly products: readonly (readonly number[])[]
}

/**
 * Values counted in bins whose edges grow by one factor, so that any quantile is known to a relative accuracy; adding
 * counts merges two (DDSketch: Masson, Rim & Lee, VLDB 2019).
 */
export interface QuantileSketch {
  /** A value in a bin is off by at most this share of itself. */
  readonly accuracy: number
  readonly zeros: number
  /** Bin and count, bins rising. */
  readonly positive: readonly (readonly [bin: number, count: number])[]
  /** Of −value. */
  readonly negative: readonly (readonly [bin: number, count: number])[]
}

/** What a metric comes to by whole days since exposure, over units whose window has closed. */
export interface DailySummary {
  /** Of the units' numbers on day 0, 1, 2 … */
  readonly days: readonly Moments[]
  /** Of each unit's own least-squares slope of its numbers over the days. */
  readonly slope: Moments
}

/**
 * What services measured in one arm, requests of all units, by analysis cluster: requests of one unit are not
 * independent, but units are, and each stays in its cluster.
 */
export interface MeasuredSummary {
  /** Relative accuracy of the bins. */
  readonly accuracy: number
  /** Clusters with observations, rising. */
  readonly clusters: readonly MeasuredCluster[]
}

/**
 * A minute of one metric in one arm: floor(epoch ms / 60,000); how many units, or observations of measurements; the sum of
 * their numbers, of a ratio above the line; and below it, which is n of any other metric.
 */
export type MinuteSum = readonly [minute: number, n: number, sum: number, below: number]

/** One metric in one arm. */
export interface MetricSummary {
  /**
   * Units whose window has closed, at their final values: what decides. Of a ratio, and of a trial by clusters, the
   * ratio of `joint` and the spread that the delta method gives it, a unit or cluster counting one; with nothing below
   * the line there is no ratio, and n is 0.
   */
  readonly closed: Moments
  /** All exposed units at their values so far: descriptive, and what hard limits look at. */
  readonly current: Moments
  /** Units without a value, where the metric leaves them out. */
  readonly missing: number
  /**
   * Of a ratio, of a metric with covariates and of a trial by clusters, over closed units or their clusters. Columns:
   * the value or the ratio's numerator; of a ratio or a trial by clusters, the denominator or how many units; each
   * covariate; for each covariate, whether it was missing.
   */
  readonly joint?: JointMoments
  /** The first two columns of the same over `current`, where `current` is made from them. */
  readonly currentJoint?: JointMoments
  /**
   * Of a metric with a cap or a maximum of events: as `closed`, without either, and the units that it changed. Where
   * `closed` is made from joint moments, so is this: from their first two columns.
   */
  readonly uncapped?: { readonly closed: Moments; readonly changed: number; readonly joint?: JointMoments }
  /** Of a quantile metric, over closed units. */
  readonly sketch?: QuantileSketch
  /** Of a metric compared by ranks, over closed units: its values, rising, and how often; at most 10,000 values. */
  readonly histogram?: readonly (readonly [value: number, count: number])[]
  /** Of a trial by few clusters (at most 200 in the arm): the sum of values and the units of each. */
  readonly clusters?: readonly (readonly [sum: number, units: number])[]
  /** Of a metric told by day. */
  readonly daily?: DailySummary
  /**
   * Of a metric whose source is measurements. `closed` and `current` are then the moments of all observations, for
   * there are no windows, and their n counts observations: how many units made them is not in a measurement.
   */
  readonly measured?: MeasuredSummary
  /**
   * Of a metric whose hard limit looks at minutes: the last of them, rising, as many as it takes. A unit of `current`
   * stands in the minute of its first exposure; where more is better, a unit of `closed` in the minute in which its
   * window closed; an observation in the minute in which its measurement ended.
   */
  readonly minutes?: readonly MinuteSum[]
}

/** The units of one segment of a dimension. */
export interface SegmentSummary {
  readonly units: { readonly [variant: string]: number }
  /** By metric, then variant. */
  readonly metrics: { readonly [metric: string]: { readonly [variant: string]: MetricSummary } }
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
  /** Outcomes beyond a metric's maximum of events. */
  readonly excessOutcomes?: number
  /** Where the plan has metrics from measurements: measurements that came again, and count once. */
  readonly repeatedMeasurements?: number
  /** Of them: measurements of another definition, phase, unit type or variant. */
  readonly foreignMeasurements?: number
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
  /** By dimension, then segment; those of a dimension share out all units. */
  readonly segments?: { readonly [dimension: string]: { readonly [segment: string]: SegmentSummary } }
  readonly counts: SummaryCounts
  /** Epoch milliseconds of the newest event; null without any. */
  readonly newestEventAt: number | null
}

const momentsSchema = z.object({ n: wholeSchema, mean: z.number(), m2: z.number().nonnegative() })

const jointMomentsSchema = z.object({
  n: wholeSchema,
  means: z.array(z.number()),
  products: z.array(z.array(z.number())),
})

const binsSchema = z.array(z.tuple([z.int(), countedSchema]))

const metricSummarySchema = z.object({
  closed: momentsSchema,
  current: momentsSchema,
  missing: wholeSchema,
  joint: z.exactOptional(jointMomentsSchema),
  currentJoint: z.exactOptional(jointMomentsSchema),
  uncapped: z.exactOptional(
    z.object({ closed: momentsSchema, changed: wholeSchema, joint: z.exactOptional(jointMomentsSchema) }),
  ),
  sketch: z.exactOptional(
    z.object({
      accuracy: z.number().positive(),
      zeros: wholeSchema,
      positive: binsSchema,
      negative: binsSchema,
    }),
  ),
  histogram: z.exactOptional(z.array(z.tuple([z.number(), countedSchema]))),
  clusters: z.exactOptional(z.array(z.tuple([z.number(), wholeSchema]))),
  daily: z.exactOptional(z.object({ days: z.array(momentsSchema), slope: momentsSchema })),
  measured: z.exactOptional(
    z.object({ accuracy: z.number().positive().lt(1), clusters: measuredClustersSchema }),
  ),
  minutes: z.exactOptional(z.array(z.tuple([z.int(), countedSchema, z.number(), z.number()]))),
})

const metricsSchema = z.record(z.string(), z.record(z.string(), metricSummarySchema))
const unitsSchema = z.record(z.string(), wholeSchema)

/** The shape of a summary. */
export const TrialSummary: z.ZodType<TrialSummary> = z.object({
  schema: z.literal('fairtrial.summary/1'),
  experiment: wireNameSchema,
  fingerprint: digestSchema,
  phase: countedSchema,
  asOf: z.number(),
  units: unitsSchema,
  metrics: metricsSchema,
  segments: z.exactOptional(
    z.record(z.string(), z.record(z.string(), z.object({ units: unitsSchema, metrics: metricsSchema }))),
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
    excessOutcomes: z.exactOptional(wholeSchema),
    overriddenExposures: z.exactOptional(wholeSchema),
    excludedExposures: z.exactOptional(wholeSchema),
    untriggeredExposures: z.exactOptional(wholeSchema),
    mistimedEvents: z.exactOptional(wholeSchema),
    repeatedMeasurements: z.exactOptional(wholeSchema),
    foreignMeasurements: z.exactOptional(wholeSchema),
  }),
  newestEventAt: z.number().nullable(),
})

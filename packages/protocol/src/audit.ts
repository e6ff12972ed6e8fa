import * as z from 'zod'
import { type Estimate, numberSchema } from './estimate.ts'
import { type JsonObject, jsonObjectSchema } from './json.ts'
import { digestSchema, wireNameSchema } from './name.ts'
import { wholeSchema } from './whole.ts'

/** What an audit can find. */
export const FINDING_CODES = [
  'no-data',
  'replay-mismatch',
  'sample-ratio',
  'sample-ratio-segment',
  'covariate-imbalance',
  'input-imbalance',
  'input-drift',
  'sequence-gap',
  'repeated-exposures',
  'crossover',
  'crossover-imbalance',
  'leak',
  'unknown-variant',
  'foreign-definition',
  'late-events',
  'clock-skew',
  'stale-data',
  'no-traffic',
  'join-rate',
  'similar-unit-ids',
  'unreadable-lines',
  'reused-numbers',
  'loss-by-arm',
  'unfinished-producer',
  'duplicates-by-arm',
  'stale-revision',
  'trigger-imbalance',
  'sticky-assignments',
  'overridden-exposures',
  'excluded-traffic',
  'unusual-units',
  'funnel',
  'arrival-rate',
  'pseudonym-keys',
  'incomplete-record',
  'not-checked',
] as const

/** One of them. */
export type FindingCode = (typeof FINDING_CODES)[number]

/** `note`: worth knowing. `caution`: read the numbers with it in mind. `broken`: do not believe them. */
export type FindingSeverity = 'note' | 'caution' | 'broken'

/**
 * What a finding does to an estimated effect. `no`: nothing, or it only costs precision. `possible`: it does if it falls
 * on the arms unequally, which it has not been seen to. `likely`: it falls on them unequally, or only one can have it.
 */
export type EffectBias = 'no' | 'possible' | 'likely'

/** One thing that an audit found. */
export interface Finding {
  readonly code: FindingCode
  readonly severity: FindingSeverity
  /** What was found, with its size, in one sentence. */
  readonly detail: string
  /** Of the units, events or deviation concerned: a share, 0 to 1; null where there is no such share. */
  readonly size: number | null
  readonly biasesEffect: EffectBias
  /** What to do about it. */
  readonly remedy: string
  readonly evidence: JsonObject
}

/** Observed units against the weights they were assigned by. */
export interface SampleRatioCheck {
  readonly observed: { readonly [variant: string]: number }
  readonly weights: { readonly [variant: string]: number }
  readonly chiSquare: number
  readonly degreesOfFreedom: number
  /** Of the chi-square test, right for a single look. */
  readonly pValue: number
  /** Valid at every look, over all phases together. */
  readonly anytimePValue: number
  readonly logBayesFactor: number
}

/** The units of one segment against the weights. Its test is right for a single look. */
export interface SegmentRatioCheck {
  /** What stands in the column, empty text too; null is all others together. */
  readonly segment: string | null
  readonly observed: { readonly [variant: string]: number }
  /** Of the arm that is furthest off, as a share of the units expected of it. */
  readonly largestDeviation: number
  readonly chiSquare: Estimate<number>
  readonly pValue: Estimate<number>
  /** Corrected for all segments of all dimensions that were looked at. */
  readonly adjustedP: Estimate<number>
}

/** Where along a dimension of the units the sample ratio is off. */
export interface DimensionRatioCheck {
  readonly dimension: string
  /** How many different texts stand in the column. */
  readonly distinct: number
  /** So many of them, the largest, are told by themselves at most. */
  readonly maximumSegments: number
  /** p that all segments are off alike, if off at all: where it is small, the cause sits in some of them. */
  readonly heterogeneityP: Estimate<number>
  /** The smallest adjusted p first. */
  readonly segments: readonly SegmentRatioCheck[]
}

/** How a covariate, known before the exposure, fell on the arms. */
export interface CovariateBalanceCheck {
  readonly covariate: string
  readonly variants: {
    readonly [variant: string]: {
      readonly n: number
      readonly missing: number
      readonly mean: Estimate<number>
      readonly variance: Estimate<number>
    }
  }
  /** Against control, by treatment variant. */
  readonly comparisons: {
    readonly [variant: string]: {
      /** Difference of means over the root of the mean of both variances; 0.1 is by custom a lot. */
      readonly standardizedDifference: Estimate<number>
      /** Of Welch's test, corrected for all covariates and arms; right for a single look. */
      readonly adjustedP: Estimate<number>
    }
  }
}

/** How many, by variant. */
type CountsByArm = { readonly [variant: string]: number }

/** How far the arms came, from an assignment to an outcome. Calls are not units: each is counted where it happens. */
export interface AuditFunnel {
  /** Assignments that enrolled, and calls of `expose` by the same producers; null where no producer sees assignments. */
  readonly calls: { readonly assigned: CountsByArm; readonly exposed: CountsByArm } | null
  /** Exposed units; of these, units that have had the time for an outcome; and of those, units that have one. */
  readonly units: {
    readonly exposed: CountsByArm
    readonly settled: CountsByArm
    readonly withOutcome: CountsByArm
  }
}

/** Can these numbers be trusted? */
export interface AuditReport {
  readonly schema: 'fairtrial.audit/1'
  readonly experiment: string
  readonly fingerprint: string
  readonly asOf: number
  /** The worst severity found: none or notes only is `trusted`. */
  readonly verdict: 'trusted' | 'caution' | 'broken'
  readonly findings: readonly Finding[]
  readonly sampleRatio: SampleRatioCheck | null
  /** Of a unit table: the sample ratio along each dimension that was looked at. */
  readonly dimensions?: readonly DimensionRatioCheck[]
  /** Of a unit table: the covariates that were looked at. */
  readonly balance?: readonly CovariateBalanceCheck[]
  /** Of a log. Audits of old have none. */
  readonly funnel?: AuditFunnel
  readonly counts: {
    readonly exposures: number
    readonly uniqueExposures: number
    readonly outcomes: number
    readonly replayed: number
    readonly replayMismatches: number
    readonly producers: number
    /** Sequence numbers that never arrived. */
    readonly missingEvents: number
  }
}

const countsByArmSchema = z.record(z.string(), wholeSchema)

/** The shape of an audit. */
export const AuditReport: z.ZodType<AuditReport> = z.object({
  schema: z.literal('fairtrial.audit/1'),
  experiment: wireNameSchema,
  fingerprint: digestSchema,
  asOf: z.number(),
  verdict: z.enum(['trusted', 'caution', 'broken']),
  findings: z.array(
    z.object({
      code: z.enum(FINDING_CODES),
      severity: z.enum(['note', 'caution', 'broken']),
      detail: z.string(),
      size: z.number().nullable(),
      biasesEffect: z.enum(['no', 'possible', 'likely']),
      remedy: z.string(),
      evidence: jsonObjectSchema,
    }),
  ),
  sampleRatio: z
    .object({
      observed: z.record(z.string(), wholeSchema),
      weights: z.record(z.string(), z.number()),
      chiSquare: z.number(),
      degreesOfFreedom: wholeSchema,
      pValue: z.number(),
      anytimePValue: z.number(),
      logBayesFactor: z.number(),
    })
    .nullable(),
  dimensions: z.exactOptional(
    z.array(
      z.object({
        dimension: z.string(),
        distinct: wholeSchema,
        maximumSegments: wholeSchema,
        heterogeneityP: numberSchema,
        segments: z.array(
          z.object({
            segment: z.string().nullable(),
            observed: z.record(z.string(), wholeSchema),
            largestDeviation: z.number(),
            chiSquare: numberSchema,
            pValue: numberSchema,
            adjustedP: numberSchema,
          }),
        ),
      }),
    ),
  ),
  balance: z.exactOptional(
    z.array(
      z.object({
        covariate: z.string(),
        variants: z.record(
          z.string(),
          z.object({ n: wholeSchema, missing: wholeSchema, mean: numberSchema, variance: numberSchema }),
        ),
        comparisons: z.record(
          z.string(),
          z.object({ standardizedDifference: numberSchema, adjustedP: numberSchema }),
        ),
      }),
    ),
  ),
  funnel: z.exactOptional(
    z.object({
      calls: z.object({ assigned: countsByArmSchema, exposed: countsByArmSchema }).nullable(),
      units: z.object({
        exposed: countsByArmSchema,
        settled: countsByArmSchema,
        withOutcome: countsByArmSchema,
      }),
    }),
  ),
  counts: z.object({
    exposures: wholeSchema,
    uniqueExposures: wholeSchema,
    outcomes: wholeSchema,
    replayed: wholeSchema,
    replayMismatches: wholeSchema,
    producers: wholeSchema,
    missingEvents: wholeSchema,
  }),
})

import * as z from 'zod'
import { type JsonObject, jsonObjectSchema } from './json.ts'
import { digestSchema, wireNameSchema } from './name.ts'
import { wholeSchema } from './whole.ts'

/** What an audit can find. */
export type FindingCode =
  | 'no-data'
  | 'replay-mismatch'
  | 'sample-ratio'
  | 'sequence-gap'
  | 'repeated-exposures'
  | 'crossover'
  | 'crossover-imbalance'
  | 'leak'
  | 'unknown-variant'
  | 'foreign-definition'
  | 'late-events'
  | 'clock-skew'
  | 'stale-data'
  | 'no-traffic'
  | 'join-rate'
  | 'similar-unit-ids'
  | 'unreadable-lines'
  | 'not-checked'

/** `note`: worth knowing. `caution`: read the numbers with it in mind. `broken`: do not believe them. */
export type FindingSeverity = 'note' | 'caution' | 'broken'

/** One thing that an audit found. */
export interface Finding {
  readonly code: FindingCode
  readonly severity: FindingSeverity
  /** What was found, with its size, in one sentence. */
  readonly detail: string
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

/** The shape of an audit. */
export const AuditReport: z.ZodType<AuditReport> = z.object({
  schema: z.literal('fairtrial.audit/1'),
  experiment: wireNameSchema,
  fingerprint: digestSchema,
  asOf: z.number(),
  verdict: z.enum(['trusted', 'caution', 'broken']),
  findings: z.array(
    z.object({
      code: z.enum([
        'no-data',
        'replay-mismatch',
        'sample-ratio',
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
        'not-checked',
      ]),
      severity: z.enum(['note', 'caution', 'broken']),
      detail: z.string(),
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

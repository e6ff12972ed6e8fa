import * as z from 'zod'
import { type AssignmentReason, assignmentReasonSchema } from './assignment.ts'
import { BUCKETS } from './buckets.ts'
import { type JsonObject, jsonObjectSchema, type JsonScalar, jsonScalarSchema } from './json.ts'
import type { MeasurementEvent } from './measurement.ts'
import { digestSchema, wireNameSchema } from './name.ts'
import { type Produced, producedSchemas, timeSchema } from './produced.ts'
import type { ProducerReport } from './producer-report.ts'
import { countedSchema, wholeSchema } from './whole.ts'

/** That a unit was assigned: what `fairtrial assign` prints, a line each. */
export interface AssignmentEvent {
  readonly schema: 'fairtrial.assignment/1'
  readonly experiment: string
  readonly unitType: string
  readonly unitId: string | null
  readonly variant: string | null
  readonly bucket: number | null
  readonly seed: number
  readonly propensity: number | null
  readonly reason: AssignmentReason
  readonly fingerprint: string
  readonly phase: number
  readonly revision: number
}

/** That a unit really met its arm. */
export interface ExposureEvent extends Produced {
  readonly schema: 'fairtrial.exposure/1'
  /** The same for the same unit, experiment, phase and variant, whoever writes it and whenever. */
  readonly exposureId: string
  readonly experiment: string
  readonly fingerprint: string
  readonly phase: number
  readonly revision: number
  readonly unitType: string
  /** As the unit is known, or its pseudonym; whichever it is, it is what was hashed. */
  readonly unitId: string
  readonly variant: string
  readonly bucket: number
  /** Fingerprint of the salt: the seed that its hash gives. */
  readonly seed: number
  readonly propensity: number
  /** `overridden`: the arm was forced, for a look at it; such an exposure enters no analysis. */
  readonly reason: 'assigned' | 'overridden'
  readonly treatmentVersion?: string
  /** Which build of the treatment's model answered, where it changes while the treatment stays. */
  readonly modelVersion?: string
  /**
   * 1, 2, 3 … over this producer's exposures in this arm (experiment, phase, variant): a gap is a loss whose arm
   * is known.
   */
  readonly armSequence?: number
  /** The condition that was met, told in every arm at the same point of the code: the unit would have been treated. */
  readonly trigger?: string
  /** The id that the arm was computed from, where a sticky assignment keeps the arm of an earlier id. */
  readonly assignedAs?: string
  /** Epoch milliseconds, by the producer's clock. */
  readonly exposedAt: number
  /** Epoch milliseconds, by the clock of whoever received it. */
  readonly receivedAt?: number
  readonly slate?: Slate
  readonly context?: ExposureContext
}

/** What was known of the unit when it was exposed: only what the recorder's allow-list names. */
export interface ExposureContext {
  /** Of the features: what they mean may change from one to the next. */
  readonly schemaVersion: string
  readonly features: { readonly [feature: string]: JsonScalar }
}

/** What was shown in an exposure, with the propensities that off-policy evaluation needs. */
export interface Slate {
  readonly slateId: string
  readonly items: readonly SlateItem[]
  /** Slates that this one stands for, where only a sample is logged: 1 over the probability of being logged. */
  readonly weight?: number
}

/** One item of a slate. */
export interface SlateItem {
  readonly itemId: string
  readonly position: number
  readonly score?: number
  /** Probability with which the policy chose the item for this position; above 0, at most 1. */
  readonly propensity?: number
}

/** Something that happened to a unit, whatever arm it is in. */
export interface OutcomeEvent extends Produced {
  readonly schema: 'fairtrial.outcome/1'
  /** Names this one happening; a second event with the same id counts once. */
  readonly outcomeId: string
  readonly name: string
  readonly unitType: string
  readonly unitId: string
  /** 1 where only the happening counts. */
  readonly value: number
  /** Epoch milliseconds, by the producer's clock. */
  readonly occurredAt: number
  readonly receivedAt?: number
  readonly properties?: JsonObject
}

/** What a log tells of one unit. */
export type UnitEvent = ExposureEvent | OutcomeEvent

/** What stands in a log, a line each. */
export type LogEvent = UnitEvent | MeasurementEvent | ProducerReport

/**
 * What an instance has served since it started, exposed or not, deduplicated or not: the count that
 * proves a rollback. Cumulative, so that a lost report costs nothing.
 */
export interface ServedReport {
  readonly schema: 'fairtrial.served/1'
  readonly instanceId: string
  /** Grows with each report of the instance. */
  readonly sequence: number
  readonly reportedAt: number
  readonly experiments: readonly ServedExperiment[]
}

/** What an instance has served of one trial. */
export interface ServedExperiment {
  readonly experiment: string
  /** The newest revision that the instance serves from. */
  readonly revision: number
  readonly served: readonly ServedCount[]
}

/** How often one arm was served under one revision. */
export interface ServedCount {
  readonly revision: number
  /** Null: control served to a unit that is not enrolled. */
  readonly variant: string | null
  readonly count: number
  /** Epoch milliseconds of the last time. */
  readonly lastServedAt: number
}

const seedSchema = wholeSchema.max(2 ** 32 - 1)
const bucketSchema = wholeSchema.max(BUCKETS - 1)
const propensitySchema = z.number().positive().max(1)

/** The shape of an assignment that is printed. */
export const AssignmentEvent: z.ZodType<AssignmentEvent> = z.object({
  schema: z.literal('fairtrial.assignment/1'),
  experiment: wireNameSchema,
  unitType: wireNameSchema,
  unitId: z.string().nullable(),
  variant: wireNameSchema.nullable(),
  bucket: bucketSchema.nullable(),
  seed: seedSchema,
  propensity: propensitySchema.nullable(),
  reason: assignmentReasonSchema,
  fingerprint: digestSchema,
  phase: countedSchema,
  revision: wholeSchema,
})

/** The shape of an exposure. Fields that it does not know are ignored. */
export const ExposureEvent: z.ZodType<ExposureEvent> = z.object({
  schema: z.literal('fairtrial.exposure/1'),
  ...producedSchemas,
  exposureId: z.string().min(1),
  experiment: wireNameSchema,
  fingerprint: digestSchema,
  phase: countedSchema,
  revision: wholeSchema,
  unitType: wireNameSchema,
  unitId: z.string().min(1),
  variant: wireNameSchema,
  bucket: bucketSchema,
  seed: seedSchema,
  propensity: propensitySchema,
  reason: z.enum(['assigned', 'overridden']),
  treatmentVersion: z.exactOptional(z.string()),
  modelVersion: z.exactOptional(z.string()),
  armSequence: z.exactOptional(countedSchema),
  trigger: z.exactOptional(wireNameSchema),
  assignedAs: z.exactOptional(z.string().min(1)),
  exposedAt: timeSchema,
  receivedAt: z.exactOptional(timeSchema),
  slate: z.exactOptional(
    z.object({
      slateId: z.string().min(1),
      items: z.array(
        z.object({
          itemId: z.string().min(1),
          position: wholeSchema,
          score: z.exactOptional(z.number()),
          propensity: z.exactOptional(propensitySchema),
        }),
      ),
      weight: z.exactOptional(z.number().min(1)),
    }),
  ),
  context: z.exactOptional(
    z.object({ schemaVersion: z.string().min(1), features: z.record(z.string(), jsonScalarSchema) }),
  ),
})

/** The shape of an outcome. Fields that it does not know are ignored. */
export const OutcomeEvent: z.ZodType<OutcomeEvent> = z.object({
  schema: z.literal('fairtrial.outcome/1'),
  ...producedSchemas,
  outcomeId: z.string().min(1),
  name: z.string().min(1),
  unitType: wireNameSchema,
  unitId: z.string().min(1),
  value: z.number(),
  occurredAt: timeSchema,
  receivedAt: z.exactOptional(timeSchema),
  properties: z.exactOptional(jsonObjectSchema),
})

/** The shape of a report of what was served. Fields that it does not know are ignored. */
export const ServedReport: z.ZodType<ServedReport> = z.object({
  schema: z.literal('fairtrial.served/1'),
  instanceId: z.string().min(1),
  sequence: countedSchema,
  reportedAt: timeSchema,
  experiments: z.array(
    z.object({
      experiment: wireNameSchema,
      revision: wholeSchema,
      served: z.array(
        z.object({
          revision: wholeSchema,
          variant: wireNameSchema.nullable(),
          count: wholeSchema,
          lastServedAt: timeSchema,
        }),
      ),
    }),
  ),
})

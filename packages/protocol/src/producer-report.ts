import * as z from 'zod'
import { wireNameSchema } from './name.ts'
import { type Produced, producedSchemas, timeSchema } from './produced.ts'
import { countedSchema, wholeSchema } from './whole.ts'

/**
 * A producer's own account, in the log beside its events, so that a reader can tell what is missing behind the last
 * of them, and what never left the process. Cumulative: one that is lost costs nothing.
 */
export interface ProducerReport extends Produced {
  readonly schema: 'fairtrial.producer/1'
  /** Epoch milliseconds, by the producer's clock. */
  readonly reportedAt: number
  readonly receivedAt?: number
  /** Nothing comes after it: the producer closed. Its sequence number is the last. */
  readonly isFinal: boolean
  readonly offered: number
  readonly delivered: number
  readonly deduplicated: number
  /** By reason; reasons without any are left out. */
  readonly dropped: { readonly [reason: string]: number }
  readonly pending: number
  /** Each arm that was exposed. */
  readonly arms: readonly ProducedArm[]
}

/** What a producer was given of one arm. */
export interface ProducedArm {
  readonly experiment: string
  readonly phase: number
  readonly variant: string
  /** Assignments served, where the producer sees them: a client does. */
  readonly assigned?: number
  /** Exposures offered, numbered, deduplicated, dropped. */
  readonly offered: number
  readonly numbered: number
  readonly deduplicated: number
  readonly dropped: number
}

/** The shape of a producer's account. Fields that it does not know are ignored. */
export const ProducerReport: z.ZodType<ProducerReport> = z.object({
  schema: z.literal('fairtrial.producer/1'),
  ...producedSchemas,
  reportedAt: timeSchema,
  receivedAt: z.exactOptional(timeSchema),
  isFinal: z.boolean(),
  offered: wholeSchema,
  delivered: wholeSchema,
  deduplicated: wholeSchema,
  dropped: z.record(z.string(), wholeSchema),
  pending: wholeSchema,
  arms: z.array(
    z.object({
      experiment: wireNameSchema,
      phase: countedSchema,
      variant: wireNameSchema,
      assigned: z.exactOptional(wholeSchema),
      offered: wholeSchema,
      numbered: wholeSchema,
      deduplicated: wholeSchema,
      dropped: wholeSchema,
    }),
  ),
})

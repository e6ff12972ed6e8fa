import * as z from 'zod'
import { MEASUREMENT_CLUSTERS } from './measurement-clusters.ts'
import { digestSchema, wireNameSchema } from './name.ts'
import { type Produced, producedSchemas, timeSchema } from './produced.ts'
import { countedSchema, wholeSchema } from './whole.ts'

/**
 * What a service measured while it served one arm (latency, errors), summed up where it was measured: one event for
 * a stretch of time, however many requests. Requests of one unit are not independent, so the sums are kept by analysis
 * cluster, and inference leaves out one cluster at a time.
 */
export interface MeasurementEvent extends Produced {
  readonly schema: 'fairtrial.measurement/1'
  readonly experiment: string
  readonly fingerprint: string
  readonly phase: number
  readonly revision: number
  readonly unitType: string
  readonly variant: string
  /** What was measured, as the metric of the plan names its event. */
  readonly name: string
  /** Epoch milliseconds, by the producer's clock: all observations were made in between. */
  readonly from: number
  readonly until: number
  readonly receivedAt?: number
  /** Relative accuracy of the bins, above 0, below 1. */
  readonly accuracy: number
  /** Clusters with observations, rising. */
  readonly clusters: readonly MeasuredCluster[]
}

/** The observations of one analysis cluster. */
export interface MeasuredCluster {
  /** 0 to 255. */
  readonly cluster: number
  readonly n: number
  readonly mean: number
  /** Sum of squared deviations from the mean. */
  readonly m2: number
  /** Observations of 0 and below. */
  readonly zeros: number
  /** Bin and count of those above 0, bins rising, edges as in `QuantileSketch`. */
  readonly bins: readonly (readonly [bin: number, count: number])[]
}

export const measuredClustersSchema = z.array(
  z.object({
    cluster: wholeSchema.max(MEASUREMENT_CLUSTERS - 1),
    n: countedSchema,
    mean: z.number(),
    m2: z.number().nonnegative(),
    zeros: wholeSchema,
    bins: z.array(z.tuple([z.int(), countedSchema])),
  }),
)

/** The shape of a measurement. Fields that it does not know are ignored. */
export const MeasurementEvent: z.ZodType<MeasurementEvent> = z.object({
  schema: z.literal('fairtrial.measurement/1'),
  ...producedSchemas,
  experiment: wireNameSchema,
  fingerprint: digestSchema,
  phase: countedSchema,
  revision: wholeSchema,
  unitType: wireNameSchema,
  variant: wireNameSchema,
  name: z.string().min(1),
  from: timeSchema,
  until: timeSchema,
  receivedAt: z.exactOptional(timeSchema),
  accuracy: z.number().positive().lt(1),
  clusters: measuredClustersSchema,
})

import * as z from 'zod'
import { countedSchema } from './whole.ts'

/** Who wrote an event, and its place in what that producer wrote. */
export interface Produced {
  /** Names one recorder in one process run. */
  readonly producerId: string
  /** 1, 2, 3 … over all events of the producer; a gap is a loss. */
  readonly sequence: number
  /** Name and version of the library that wrote it. */
  readonly sdk: string
  /** W3C trace context of the request that it was written in. */
  readonly traceparent?: string
}

export const producedSchemas = {
  producerId: z.string().min(1),
  sequence: countedSchema,
  sdk: z.string(),
  traceparent: z.exactOptional(z.string()),
}

/** Epoch milliseconds by somebody's clock: whether it can be is asked by whoever reads it. */
export const timeSchema = z.number()

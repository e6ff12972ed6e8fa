import * as z from 'zod'
import { type JsonObject, jsonObjectSchema } from './json.ts'
import { LookLedger } from './look-ledger.ts'
import { digestSchema } from './name.ts'
import { wholeSchema } from './whole.ts'

/** One thing that an analysis has read: a file, or a partition of a topic. */
export interface LockedInput {
  /** A path, relative to the lock; or `TOPIC/PARTITION`. */
  readonly source: string
  /** Offset of a partition at which reading began: what stood before was no longer there. A file has none. */
  readonly from?: number
  /** How far it was read: bytes of a file, the next offset of a partition. */
  readonly upTo: number
  /**
   * SHA-256 of all that was read of it. Of a partition: of each record, by offset, a line `OFFSET TIMESTAMP KEY VALUE`,
   * the latter two their lengths in bytes, -1 where there is none; then the bytes of both.
   */
  readonly sha256: string
  /** Timestamp of a partition's last record that was read, epoch milliseconds; none where none was. */
  readonly lastAt?: number
}

/**
 * An analysis nailed down: what was read, by which code, and the answer, so that anybody can make it again and see the
 * same bytes, or be told what has changed.
 */
export interface EvaluationLock {
  readonly schema: 'fairtrial.lock/1'
  readonly code: {
    readonly version: string
    /** SHA-256 over the program's own files. */
    readonly sha256: string
    /** Of the machine it ran on. */
    readonly node: string
  }
  readonly definition: { readonly file: string; readonly fingerprint: string }
  /** What was asked for, with the time of the look written out. */
  readonly options: JsonObject
  readonly inputs: readonly LockedInput[]
  /** The looks before this one; null for the first. */
  readonly looks: LookLedger | null
  /** Of whatever was drawn at random. An analysis draws nothing. */
  readonly seeds: readonly number[]
  /** The answer, and SHA-256 of its JSON with two spaces of indentation. */
  readonly document: { readonly sha256: string; readonly content: JsonObject }
}

/** The shape of a lock. Fields that it does not know are ignored. */
export const EvaluationLock: z.ZodType<EvaluationLock> = z.object({
  schema: z.literal('fairtrial.lock/1'),
  code: z.object({ version: z.string(), sha256: digestSchema, node: z.string() }),
  definition: z.object({ file: z.string().min(1), fingerprint: digestSchema }),
  options: jsonObjectSchema,
  inputs: z.array(
    z.object({
      source: z.string().min(1),
      from: z.exactOptional(wholeSchema),
      upTo: wholeSchema,
      sha256: digestSchema,
      lastAt: z.exactOptional(z.number()),
    }),
  ),
  looks: LookLedger.nullable(),
  seeds: z.array(z.number()),
  document: z.object({ sha256: digestSchema, content: jsonObjectSchema }),
})

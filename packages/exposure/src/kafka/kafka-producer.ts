import { ExperimentError } from '@fairtrial/protocol/error'

/** The part of a Kafka library that writes. */
export interface KafkaProducing {
  openProducer(): KafkaProducer
}

/**
 * Writes records. Connects to nothing before it is used, and again by itself when a connection is lost. Its
 * rejections are ExperimentErrors:
 *
 * - `unreachable`: nothing is wrong with what was asked; ask again, later.
 * - `too-large`, `invalid-event`: a record among those sent will never be taken; without it the others may be.
 * - `misconfigured`: nothing will be taken before somebody mends authentication, permissions or topics.
 */
export interface KafkaProducer {
  /** How many partitions each topic has, asked of a broker: that it answers is readiness. */
  partitionsOf(topics: readonly string[], deadlineMs: number): Promise<PartitionCounts>
  /**
   * Resolves when all in-sync replicas have all of it. Rejects otherwise, at the latest when the deadline is over; some
   * of it may be stored all the same.
   */
  send(records: readonly PartitionRecords[], deadlineMs: number): Promise<void>
  /** Makes what is under way reject, and lets go of sockets. Later calls reject. */
  close(): Promise<void>
}

/** Partitions by topic. */
export type PartitionCounts = Readonly<Record<string, number>>

/** Records for one partition, in order; each partition once in a call. */
export interface PartitionRecords {
  readonly topic: string
  readonly partition: number
  readonly records: readonly OutgoingRecord[]
}

/** A record to be written. Its timestamp will be the time of sending, or the broker's where the topic says so. */
export interface OutgoingRecord {
  readonly key: Uint8Array | null
  /** A text is written in UTF-8. Null: a tombstone. */
  readonly value: Uint8Array | string | null
  readonly headers: Readonly<Record<string, string>>
}

/** What every call rejects with after `close`. */
export function producerClosed(): ExperimentError {
  return new ExperimentError(
    'refused',
    'The Kafka producer takes nothing, because it is closed.',
    'Close it only when nothing more is to be sent.',
  )
}

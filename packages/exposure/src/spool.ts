import type { Tally } from './account.ts'
import type { EventBatch, EventKind, Rejection } from './sink.ts'

/** What was counted of each kind of event, so that an account survives its process. */
export interface CarriedAccount {
  readonly exposures: Tally
  readonly outcomes: Tally
  readonly summaries: Tally
}

/** What became of events of one kind that were never in the spool. */
export type BesideTally = Pick<Tally, 'delivered' | 'deduplicated' | 'dropped'>

/** What a spool cannot count by itself. Numbers that only grow, over all processes. */
export interface BesideSpool {
  readonly exposures: BesideTally
  readonly outcomes: BesideTally
  readonly summaries: BesideTally
}

/** How many events of each kind. */
export type EventCounts = { readonly [Kind in EventKind]: number }

/** A batch that a spool holds. */
export interface SpooledBatch extends EventBatch {
  /** Where it stands in the spool, rising; understood by the spool alone. */
  readonly position: number
}

/** A place in the spool where events are known to have been, and can be read no more. */
export interface SpoolDamage {
  readonly position: number
  readonly damaged: EventCounts
}

/** What an earlier process left, as it stands when the spool is opened. */
export interface SpoolRecovery {
  /** The account as of the last complete record: `pending` is what is still in the spool. Null for a new spool. */
  readonly account: CarriedAccount | null
  /** The part of the account that never was in the spool. */
  readonly beside: BesideSpool
  /** The last position that was written; 0 for a new spool. */
  readonly position: number
  /** Bytes cut off behind the last complete record: what a process was writing when it died. */
  readonly tornBytes: number
}

/** What a spool holds now. */
export interface SpoolStatus {
  /** Batches, and places that were damaged, which are not settled. */
  readonly batches: number
  readonly events: number
  /** On disk without the dead letters: also what is settled, until its segment is full or the spool is closed. */
  readonly bytes: number
  /** How full it is, of 1. */
  readonly share: number
}

/**
 * A write-ahead log between the queue and the sink, so that what is acknowledged survives the process. A recorder
 * appends each batch before it delivers it, and settles it when the sink has answered; what is not settled is
 * delivered by the next process. Nothing that was appended is ever thrown away to make room.
 *
 * A recorder has one call of `append` at a time under way, and one of `oldest` or `settle`.
 */
export interface Spool {
  /**
   * Takes hold of the place, cuts a torn tail, tells what is in it. Rejects where another process holds it; may be
   * called again then, and answers the same again once it is open.
   */
  open(): Promise<SpoolRecovery>
  /** Whether an event of this size still fits, beside `queuedBytes` that are on their way here. Outcomes stop first. */
  hasRoom(kind: EventKind, bytes: number, queuedBytes: number): boolean
  /**
   * Resolves with its position when the batch is as durable as the policy says. Where it rejects, nothing of the
   * batch is kept.
   */
  append(batch: EventBatch, beside: BesideSpool): Promise<number>
  /** The oldest batch that is not settled; undefined where all are. */
  oldest(): Promise<SpooledBatch | SpoolDamage | undefined>
  /** The sink has answered: the oldest batch is done with. What was rejected for good is kept aside, with the reason. */
  settle(
    batch: SpooledBatch | SpoolDamage,
    rejected: readonly Rejection[],
    beside: BesideSpool,
  ): Promise<void>
  status(): SpoolStatus
  /** Ends what is under way and lets go of the place. What is held stays. */
  close(beside: BesideSpool): Promise<void>
}

import type { Tally } from './account.ts'
import type { EventBatch, EventKind, Rejection } from './sink.ts'

/** What was counted of each kind of event, as far as a spool must know it so that an account survives its process. */
export interface CarriedAccount {
  readonly exposures: Tally
  readonly outcomes: Tally
  readonly summaries: Tally
}

/** A batch that a spool holds. */
export interface SpooledBatch extends EventBatch {
  /** Where it stands in the spool, rising; understood by the spool alone. */
  readonly position: number
}

/** What an earlier process left, as it stands when the spool is opened. */
export interface SpoolRecovery {
  /** The account as of the last complete record: `pending` is what is still in the spool. Null for a new spool. */
  readonly account: CarriedAccount | null
  /** Bytes cut off behind the last complete record: what a process was writing when it died. */
  readonly tornBytes: number
}

/**
 * A write-ahead log between the queue and the sink, so that what is acknowledged survives the process. A recorder
 * appends each batch before it delivers it, and settles it when the sink has answered; what is not settled is
 * delivered by the next process. Nothing that was appended is ever thrown away to make room.
 */
export interface Spool {
  /** Takes hold of the place, cuts a torn tail, tells what is in it. Rejects where another process holds it. */
  open(): Promise<SpoolRecovery>
  /** Whether an event of this size still fits, beside `queuedBytes` that are on their way here. Outcomes stop first. */
  hasRoom(kind: EventKind, bytes: number, queuedBytes: number): boolean
  /** Resolves when the batch is as durable as the policy says. Where it rejects, nothing of the batch is kept. */
  append(batch: EventBatch, account: CarriedAccount): Promise<void>
  /** The oldest batch that is not settled; undefined where all are. */
  oldest(): Promise<SpooledBatch | undefined>
  /** The sink has answered: the batch is done with. What it rejected for good is kept aside, with the reason. */
  settle(batch: SpooledBatch, rejected: readonly Rejection[]): Promise<void>
  /** What it holds now. */
  status(): { readonly events: number; readonly bytes: number; readonly failure: unknown }
  /** Ends what is under way and lets go of the place. What is held stays. */
  close(): Promise<void>
}

import type { Account, Health } from '@fairtrial/exposure'
import type { AssignmentReason, RolloutStatus } from '@fairtrial/protocol'

/** How a client is doing: plain data, to be logged or put behind a health check. */
export interface ClientStatus {
  readonly instanceId: string
  /** A snapshot is in force and its lease is running. */
  readonly isReady: boolean
  readonly isClosed: boolean
  /** Of the snapshot in force; null before the first. */
  readonly revision: number | null
  /** Milliseconds since the source last answered; null before its first answer. */
  readonly ageMs: number | null
  /** What the lease has left, in milliseconds; 0 when it has lapsed, null without a snapshot. */
  readonly leaseLeftMs: number | null
  readonly experiments: { readonly [key: string]: ExperimentStatus }
  readonly counters: ClientCounters
  /** Calls of `assign` and `preview`, by the reason that they returned; only reasons that occurred. */
  readonly reasons: { readonly [Reason in AssignmentReason]?: number }
  readonly source: SourceStatus
  readonly reports: { readonly sent: number; readonly failures: number }
  /** What became of every exposure and outcome. */
  readonly account: Account
  /** Whether events arrive, and what stands in their way. */
  readonly health: Health
}

/** One experiment, as the client holds it. */
export interface ExperimentStatus {
  readonly revision: number
  /** Null: the client has no state that was made for this definition. */
  readonly status: RolloutStatus | null
}

/** Four facts, never merged. */
export interface ClientCounters {
  /** Calls of `assign` that returned an enrolled unit's arm. */
  readonly assigned: number
  /** Calls of `assign` and `preview`, whatever they returned. */
  readonly evaluated: number
  /** Calls of `expose` with an assigned arm, but for those without consent. */
  readonly exposed: number
  /** Calls of `track`. */
  readonly outcomes: number
}

/** How the source is doing. */
export interface SourceStatus {
  readonly polls: number
  readonly failures: number
  /** Failures since its last answer. */
  readonly failing: number
  /** Snapshots that were older than the one in force, and ignored. */
  readonly ignored: number
  /** Times that the lease has been seen lapsed, after it had run. */
  readonly lapses: number
  /** The last thing that went wrong, of the source or beside it; null while nothing has. */
  readonly lastError: { readonly code: string; readonly message: string } | null
}

import type { Account } from './account.ts'
import type { Clock, Timers } from './clock.ts'
import type { RetryPolicy } from './delivery.ts'
import type { DropWarning } from './drop-warning.ts'
import type { DetailOptions, ExposeOptions } from './exposure-details.ts'
import type { Arm } from './exposure-lines.ts'
import type { Health } from './health.ts'
import type { Measurement } from './measurement-line.ts'
import type { Outcome } from './outcome-line.ts'
import type { AssignedCount, ReportOptions } from './producer-reports.ts'
import type { BatchLimits, QueueLimits } from './queue.ts'
import type { Receipt } from './receipt.ts'
import type { Sink } from './sink.ts'
import type { Spool } from './spool.ts'

/** What a recorder needs: a sink. All else has its default. */
export interface RecorderOptions extends DetailOptions {
  readonly sink: Sink
  /** Keeps what is queued on disk until it is delivered, also over the end of the process. Default: memory only. */
  readonly spool?: Spool
  /** Names this recorder in this process run; never used again by another. Default: made of time and chance. */
  readonly producerId?: string
  /** Name and version of the library that records. Default: this one's. */
  readonly sdk?: string
  readonly clock?: Clock
  readonly timers?: Timers
  /** Uniform in [0, 1). Default: Math.random. */
  readonly random?: () => number
  readonly queue?: Partial<QueueLimits>
  readonly batch?: Partial<BatchLimits>
  /** How many exposed units are remembered at most. Default 100,000. */
  readonly dedupe?: { readonly capacity?: number }
  readonly retry?: Partial<RetryPolicy>
  /** How often the producer's own account goes to the log, so that readers can tell what is missing; false: never. */
  readonly report?: Partial<ReportOptions> | false
  /** Called at the first loss, then at most once a minute with all that were lost since. */
  readonly onDrop?: (warning: DropWarning) => void
}

/** Takes events on the hot path, brings them to a sink behind it, and accounts for every one. */
export interface Recorder {
  readonly producerId: string
  /** Records that a unit really met its arm: call it where the arm is used. Never throws, does no I/O. */
  expose(arm: Arm, options?: ExposeOptions): Receipt
  /** Records what happened to a unit, whatever its arm. Never throws, does no I/O. */
  track(outcome: Outcome): Receipt
  /** Records what was measured of an arm. Never throws, does no I/O. */
  measure(measurement: Measurement): Receipt
  /** Lets the reports tell how many assignments were served, beside what was exposed: a client does. */
  reportAssigned(counts: () => readonly AssignedCount[]): void
  /** The account at this instant, with what earlier processes left in the spool. */
  account(): Account
  /** Whether events arrive, and what stands in their way. */
  health(): Health
  /**
   * Resolves when the spool is open and the account has taken over what earlier processes left; at once without a
   * spool. Rejects where it cannot be opened, as when another process holds it: the recorder goes on in memory only,
   * and tries again by itself.
   */
  opened(): Promise<Account>
  /** Waits until all that is pending now is delivered or dropped, at most `deadlineMs` (default 5,000). */
  flush(deadlineMs?: number): Promise<Account>
  /**
   * Takes no more events, delivers what is pending within `deadlineMs` (default 5,000) and closes the sink. What is
   * in the spool by then stays there, pending, for the next process; what is not is dropped as `shutdown`. The account
   * is final, but for calls that come too late. Rejects where the sink cannot be closed.
   */
  close(deadlineMs?: number): Promise<Account>
}

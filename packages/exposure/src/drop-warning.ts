import type { DropReason } from './account.ts'
import { type Clock, monotonic } from './clock.ts'

/** What was lost since the last warning. */
export interface DropWarning {
  /** Why the latest were lost; the account has the counts of all reasons. */
  readonly reason: DropReason
  /** Events lost since the last warning, for whatever reason. */
  readonly events: number
  /** What the sink said last, if it failed. */
  readonly cause: unknown
}

const QUIET_MS = 60_000

/** Tells `onDrop` of the first loss at once, and then of all that came after it at most once a minute. */
export function dropWarnings(onDrop: ((warning: DropWarning) => void) | undefined, clock: Clock) {
  let events = 0
  let quietUntil = Number.NEGATIVE_INFINITY
  return (reason: DropReason, count: number, cause: unknown): void => {
    if (onDrop === undefined) return
    events += count
    const now = monotonic(clock)
    if (now < quietUntil) return
    quietUntil = now + QUIET_MS
    const warning = { reason, events, cause }
    events = 0
    // A broken hook must not break the service that calls `expose`; the account has the numbers.
    const tell = async () => onDrop(warning)
    tell().catch(() => undefined)
  }
}

/** How events came in: how late, and by whose clock. Times are epoch milliseconds. */
export interface ArrivalTrace {
  /** Events that carry the time at which they were received. */
  received: number
  late: number
  /** Dated after they were received. */
  early: number
  latestMs: number
  earliestMs: number
  newestEventAt: number | null
  newestExposureAt: number | null
}

/** On the way from a queue to a log an event may be this old without being late. */
const TRANSPORT_MS = 60_000
/** Clocks that are kept in step differ by less. */
const SKEW_MS = 5_000

export function createArrivalTrace(): ArrivalTrace {
  return {
    received: 0,
    late: 0,
    early: 0,
    latestMs: 0,
    earliestMs: 0,
    newestEventAt: null,
    newestExposureAt: null,
  }
}

/** @param at when it happened, by the producer's clock */
export function traceArrival(
  trace: ArrivalTrace,
  { at, receivedAt, isExposure }: { at: number; receivedAt: number | undefined; isExposure: boolean },
  maximumLateness: number,
): void {
  // A clock that runs ahead does not make an event newer than its receipt.
  const seenAt = Math.min(at, receivedAt ?? at)
  trace.newestEventAt = Math.max(trace.newestEventAt ?? seenAt, seenAt)
  if (isExposure) trace.newestExposureAt = Math.max(trace.newestExposureAt ?? seenAt, seenAt)
  if (receivedAt === undefined) return
  const delay = receivedAt - at
  trace.received += 1
  if (delay > maximumLateness + TRANSPORT_MS) trace.late += 1
  if (delay < -SKEW_MS) trace.early += 1
  trace.latestMs = Math.max(trace.latestMs, delay)
  trace.earliestMs = Math.min(trace.earliestMs, delay)
}

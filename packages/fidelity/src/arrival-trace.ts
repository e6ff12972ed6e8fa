/** How events came in: how late, and by whose clock. Times are epoch milliseconds. */
export interface ArrivalTrace {
  /** Events that carry the time at which they were received. */
  received: number
  late: number
  latestMs: number
  newestEventAt: number | null
  newestExposureAt: number | null
  /** Length of a slot of time, in milliseconds. */
  readonly slotMs: number
  /** Exposures, repeated ones too, by slot: floor(time / slotMs). */
  readonly exposuresBySlot: Map<number, number>
}

/** On the way from a queue to a log an event may be this old without being late. */
const TRANSPORT_MS = 60_000

/** A shorter slot holds too little, and there would be too many of them. */
const SHORTEST_SLOT_MS = 60_000

/** @param maximumDataAge in milliseconds: what may pass without data is what a slot lasts */
export function createArrivalTrace(maximumDataAge: number): ArrivalTrace {
  return {
    received: 0,
    late: 0,
    latestMs: 0,
    newestEventAt: null,
    newestExposureAt: null,
    slotMs: Math.max(maximumDataAge, SHORTEST_SLOT_MS),
    exposuresBySlot: new Map(),
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
  if (isExposure) {
    trace.newestExposureAt = Math.max(trace.newestExposureAt ?? seenAt, seenAt)
    const slot = Math.floor(seenAt / trace.slotMs)
    trace.exposuresBySlot.set(slot, (trace.exposuresBySlot.get(slot) ?? 0) + 1)
  }
  if (receivedAt === undefined) return
  const delay = receivedAt - at
  trace.received += 1
  if (delay > maximumLateness + TRANSPORT_MS) trace.late += 1
  trace.latestMs = Math.max(trace.latestMs, delay)
}

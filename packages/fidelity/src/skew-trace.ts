import { addTo } from './by-arm.ts'

/** How long a producer's events took from its clock to the receiver's, in bins. */
export interface SkewTrace {
  /** Counts by bin, in the order of `SKEW_BINS`. */
  readonly bins: number[]
  received: number
  /** Milliseconds; negative where an event is dated after its receipt. */
  leastMs: number
  mostMs: number
  /** Events whose time cannot be. */
  mistimed: number
}

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000]

/** From the receiver's clock minus the producer's: names, and where each bin ends, in milliseconds. */
const SKEW_BINS = [
  ['more than 5 min ahead', -5 * MINUTE],
  ['5 s to 5 min ahead', -5 * SECOND],
  ['within 5 s', 5 * SECOND],
  ['5 s to 1 min behind', MINUTE],
  ['1 min to 1 h behind', HOUR],
  ['1 h to 1 day behind', DAY],
  ['more than a day behind', Number.POSITIVE_INFINITY],
] as const

export function createSkewTrace(): SkewTrace {
  return {
    bins: SKEW_BINS.map(() => 0),
    received: 0,
    leastMs: Number.POSITIVE_INFINITY,
    mostMs: Number.NEGATIVE_INFINITY,
    mistimed: 0,
  }
}

/** @param delayMs receipt minus event time */
export function traceSkew(trace: SkewTrace, delayMs: number): void {
  trace.received += 1
  if (delayMs < trace.leastMs) trace.leastMs = delayMs
  if (delayMs > trace.mostMs) trace.mostMs = delayMs
  const bin = SKEW_BINS.findIndex(([, until]) => delayMs <= until)
  addTo(trace.bins, bin, 1)
}

/** The bins that hold anything, by name. */
export function histogramOf({ bins }: SkewTrace): { readonly [bin: string]: number } {
  return Object.fromEntries(
    SKEW_BINS.map(([name], bin) => [name, bins[bin] ?? 0] as const).filter(([, count]) => count > 0),
  )
}

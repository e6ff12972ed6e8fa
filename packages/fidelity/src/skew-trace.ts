import { isMistimed } from '@fairtrial/protocol'
import { addTo } from './by-arm.ts'

/** How long a producer's events took from its clock to the receiver's. */
export interface SkewTrace {
  /** Counts by bin, in the order of `SKEW_BINS`. */
  readonly bins: number[]
  /** Events that were received, and whose time can be: these, and the next three, are about no others. */
  received: number
  /** Dated 5 s or more after their receipt. */
  ahead: number
  /** Milliseconds; negative where an event is dated after its receipt. */
  leastMs: number
  mostMs: number
  /** Events whose time cannot be. */
  mistimed: number
  /** Of these, the ones that would be right in another unit of time. */
  readonly inUnit: { [unit in TimeUnit]: number }
}

/** What times are written in by mistake, instead of milliseconds. */
export type TimeUnit = 'seconds' | 'microseconds' | 'nanoseconds'

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000]

/** What a clock may be ahead, and the way to the receiver hides. */
const AHEAD_MS = 5 * SECOND

/** From the receiver's clock minus the producer's: names, and where each bin ends, in milliseconds. */
const SKEW_BINS = [
  ['more than 5 min ahead', -5 * MINUTE],
  ['5 s to 5 min ahead', -AHEAD_MS],
  ['within 5 s', 5 * SECOND],
  ['5 s to 1 min behind', MINUTE],
  ['1 min to 1 h behind', HOUR],
  ['1 h to 1 day behind', DAY],
  ['more than a day behind', Number.POSITIVE_INFINITY],
] as const

const MS_PER_UNIT: readonly (readonly [TimeUnit, number])[] = [
  ['seconds', 1e3],
  ['microseconds', 1e-3],
  ['nanoseconds', 1e-6],
]

export function createSkewTrace(): SkewTrace {
  return {
    bins: SKEW_BINS.map(() => 0),
    received: 0,
    ahead: 0,
    leastMs: Number.POSITIVE_INFINITY,
    mostMs: Number.NEGATIVE_INFINITY,
    mistimed: 0,
    inUnit: { seconds: 0, microseconds: 0, nanoseconds: 0 },
  }
}

/** Notes an event by its two times, in epoch milliseconds. */
export function traceSkew(trace: SkewTrace, at: number, receivedAt: number | undefined): void {
  const delayMs = receivedAt === undefined ? Number.NaN : receivedAt - at
  const bin = SKEW_BINS.findIndex(([, until]) => delayMs <= until)
  if (bin !== -1) addTo(trace.bins, bin, 1)
  if (isMistimed(at, receivedAt)) {
    trace.mistimed += 1
    const unit = unitOf(at, receivedAt)
    if (unit !== undefined) trace.inUnit[unit] += 1
  } else if (receivedAt !== undefined) {
    trace.received += 1
    if (delayMs <= -AHEAD_MS) trace.ahead += 1
    if (delayMs < trace.leastMs) trace.leastMs = delayMs
    if (delayMs > trace.mostMs) trace.mostMs = delayMs
  }
}

/** The unit in which a time that cannot be is right; only a second clock can say so. */
function unitOf(at: number, receivedAt: number | undefined): TimeUnit | undefined {
  if (receivedAt === undefined) return undefined
  return MS_PER_UNIT.find(([, ms]) => !isMistimed(at * ms, receivedAt))?.[0]
}

/** The bins that hold anything, by name. */
export function histogramOf({ bins }: SkewTrace): { readonly [bin: string]: number } {
  return Object.fromEntries(
    SKEW_BINS.map(([name], bin) => [name, bins[bin] ?? 0] as const).filter(([, count]) => count > 0),
  )
}

import type { SegmentFacts } from './segment-facts.ts'
import { seriesOf } from './segment-name.ts'

/** What a log is to keep. */
export interface RetentionRule {
  /** Milliseconds: what is younger stays. */
  readonly olderThanMs: number
  /** Epoch milliseconds, by this machine's clock. */
  readonly now: number
  /**
   * Whether that clock alone is believed. Default false: the age of an event is told by the newest event that was
   * received where that is earlier, so that a clock which jumps ahead makes nothing old. A log to which nobody writes any
   * more then keeps its last stretch.
   */
  readonly trustsClock?: boolean
  /** Experiments whose phase still runs, and since when, epoch milliseconds. */
  readonly running: ReadonlyMap<string, number>
}

/** Why a segment stays. */
export type StayReason =
  /** It is the last of its writer, which may go on in it, and numbers the next by it. */
  | 'last-of-its-writer'
  /** No event tells how old it is. */
  | 'undated'
  | 'young'
  /** It holds evidence of an experiment that runs: whoever reads the log from its beginning would lack it. */
  | 'running'
  /** Its producer has events that stay: their numbers would show a gap, which looks like loss. */
  | 'producer-stays'

/** A segment that stays. */
export interface StayingSegment {
  readonly name: string
  readonly reason: StayReason
  /** The experiment that runs, or the producer, where one is the reason. */
  readonly because?: string
}

/** What may go, and what not. */
export interface RetentionPlan {
  /** Epoch milliseconds: only what is older may go. */
  readonly before: number
  /** The oldest first. */
  readonly go: readonly SegmentFacts[]
  readonly stay: readonly StayingSegment[]
}

/** Says which segments of a log may go. */
export function planRetention(segments: readonly SegmentFacts[], rule: RetentionRule): RetentionPlan {
  const { olderThanMs, now, trustsClock = false, running } = rule
  const newest = segments.reduce((latest, { receivedUpTo }) => Math.max(latest, receivedUpTo ?? latest), 0)
  const before = (trustsClock ? now : Math.min(now, newest)) - olderThanMs
  const last = lastOfTheirWriters(segments)
  const since = Math.min(...running.values())
  const stay = new Map<string, StayingSegment>()
  for (const facts of segments) {
    const found = last.has(facts.name) ? { reason: 'last-of-its-writer' as const } : reasonOf(facts)
    if (found !== null) stay.set(facts.name, { name: facts.name, ...found })
  }

  function reasonOf({ lastAt, experiments }: SegmentFacts): Omit<StayingSegment, 'name'> | null {
    if (lastAt === null) return { reason: 'undated' }
    if (lastAt >= before) return { reason: 'young' }
    const because = Object.keys(experiments).find((key) => running.has(key))
    if (because !== undefined) return { reason: 'running', because }
    // Outcomes belong to no experiment: they may be of any unit since the phase began.
    return lastAt >= since ? { reason: 'running' } : null
  }

  // One that stays keeps its producers, and these what else they wrote, until nothing more is kept.
  for (let kept = -1; kept !== stay.size; ) {
    kept = stay.size
    const producers = new Set(
      segments.flatMap((facts) => (stay.has(facts.name) ? Object.keys(facts.producers) : [])),
    )
    for (const { name, producers: own } of segments) {
      const because = stay.has(name)
        ? undefined
        : Object.keys(own).find((producer) => producers.has(producer))
      if (because !== undefined) stay.set(name, { name, reason: 'producer-stays', because })
    }
  }
  return {
    before,
    go: segments
      .filter(({ name }) => !stay.has(name))
      .toSorted((a, b) => (a.lastAt ?? 0) - (b.lastAt ?? 0) || (a.name < b.name ? -1 : 1)),
    stay: segments.flatMap(({ name }) => stay.get(name) ?? []),
  }
}

/** Of each series the last that is not empty, and what is behind it: what a writer looks into when it starts again. */
function lastOfTheirWriters(segments: readonly SegmentFacts[]): ReadonlySet<string> {
  const last = new Set<string>()
  const found = new Set<string>()
  for (const { name, bytes } of segments.toSorted(byNumber).toReversed()) {
    const series = seriesOf(name)
    if (found.has(series)) continue
    last.add(name)
    if (bytes > 0) found.add(series)
  }
  return last
}

/** Numbers beyond a million have more digits. */
function byNumber(a: SegmentFacts, b: SegmentFacts): number {
  return a.name.length - b.name.length || (a.name < b.name ? -1 : 1)
}

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
  /**
   * Experiments whose phase still runs, and since when events may be evidence of it, epoch milliseconds: of all that there
   * are, also of those that another log tells of.
   */
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

/** A segment that stays. */
export interface StayingSegment {
  readonly name: string
  readonly reason: StayReason
  /** The experiment that runs, where one is the reason. */
  readonly because?: string
  /** Epoch milliseconds of its youngest event; null where none tells. */
  readonly lastAt: number | null
}

/** What may go, and what not. */
export interface RetentionPlan {
  /** Epoch milliseconds: only what is older may go. */
  readonly before: number
  /** The oldest first. */
  readonly go: readonly SegmentFacts[]
  readonly stay: readonly StayingSegment[]
}

/**
 * Says which segments of a log may go: by their age, and by what runs. A producer may go in part, for the record tells up to
 * which number it went: what is not there up to that number is no loss.
 */
export function planRetention(segments: readonly SegmentFacts[], rule: RetentionRule): RetentionPlan {
  const { olderThanMs, now, trustsClock = false, running } = rule
  const newest = segments.reduce((latest, { receivedUpTo }) => Math.max(latest, receivedUpTo ?? latest), 0)
  const before = (trustsClock ? now : Math.min(now, newest)) - olderThanMs
  const last = lastOfTheirWriters(segments)
  const stay = new Map<string, StayingSegment>()
  for (const facts of segments) {
    const { name, lastAt } = facts
    const found = last.has(name)
      ? { name, reason: 'last-of-its-writer' as const, lastAt }
      : whyItStays(facts, { before, running })
    if (found !== null) stay.set(name, found)
  }
  return {
    before,
    go: segments
      .filter(({ name }) => !stay.has(name))
      .toSorted((a, b) => (a.lastAt ?? 0) - (b.lastAt ?? 0) || (a.name < b.name ? -1 : 1)),
    stay: segments.flatMap(({ name }) => stay.get(name) ?? []),
  }
}

/** Why a segment stays that is not the last of its writer; null where it may go. */
export function whyItStays(
  { name, lastAt, experiments }: SegmentFacts,
  { before, running }: Pick<RetentionPlan, 'before'> & Pick<RetentionRule, 'running'>,
): StayingSegment | null {
  if (lastAt === null) return { name, reason: 'undated', lastAt }
  if (lastAt >= before) return { name, reason: 'young', lastAt }
  // Outcomes belong to no experiment: they may be of any unit since the first of those that run began.
  const because =
    Object.keys(experiments).find((key) => running.has(key)) ??
    [...running.keys()].find((key) => lastAt >= (running.get(key) ?? Infinity))
  return because === undefined ? null : { name, reason: 'running', because, lastAt }
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

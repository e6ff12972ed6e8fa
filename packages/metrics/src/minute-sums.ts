import { durationMs } from '@fairtrial/protocol'
import type { Experiment, MetricSummary, MinuteSum } from '@fairtrial/protocol'

const MINUTE = durationMs('1m')

/** One metric in one arm by minute, as it is counted. */
export type MinuteSums = Map<number, MinuteSum>

/** How many minutes the hard limit on a metric looks back, the one that runs left out; 0 where it looks at none. */
export function minutesKept({ guardrails }: Pick<Experiment, 'guardrails'>, metric: string): number {
  const limit = guardrails.find((guardrail) => guardrail.metric === metric)?.hardLimit
  const within = limit?.within === undefined ? 0 : Math.ceil(durationMs(limit.within) / MINUTE)
  return within + (limit?.confirm?.of ?? 0)
}

/** The minute of a time in epoch milliseconds. */
export function minuteOf(at: number): number {
  return Math.floor(at / MINUTE)
}

/** The first minute that is kept at a time. */
export function firstKept(asOf: number, kept: number): number {
  return minuteOf(asOf) - kept
}

/** When the last of some rising minutes is no longer kept; infinity of none. */
export function minutesExpireAt(rising: readonly MinuteSum[], kept: number): number {
  const last = rising.at(-1)
  return last === undefined ? Number.POSITIVE_INFINITY : (last[0] + kept + 1) * MINUTE
}

/** Adds to a minute, in place. */
export function addToMinute(sums: MinuteSums, [minute, n, sum, below]: MinuteSum): void {
  const [, knownN = 0, knownSum = 0, knownBelow = 0] = sums.get(minute) ?? []
  sums.set(minute, [minute, knownN + n, knownSum + sum, knownBelow + below])
}

/** Takes the minutes before one away, in place. */
export function forgetMinutes(sums: MinuteSums, first: number): void {
  for (const minute of sums.keys()) if (minute < first) sums.delete(minute)
}

/** The minutes from one on, rising. */
export function risingMinutes(sums: MinuteSums, first: number): MinuteSum[] {
  return [...sums.values()].filter(([minute]) => minute >= first).toSorted(([a], [b]) => a - b)
}

/** A summary without the minutes before one, which what was summed up a while ago still has. */
export function keepMinutes(summary: MetricSummary, first: number): MetricSummary {
  const { minutes } = summary
  return minutes === undefined
    ? summary
    : { ...summary, minutes: minutes.filter(([minute]) => minute >= first) }
}

/** The minutes of two disjoint sets of units, rising. */
export function mergeMinutes(a: readonly MinuteSum[], b: readonly MinuteSum[]): readonly MinuteSum[] {
  if (a.length === 0 || b.length === 0) return b.length === 0 ? a : b
  const merged: MinuteSums = new Map()
  for (const minute of [...a, ...b]) addToMinute(merged, minute)
  return risingMinutes(merged, Number.NEGATIVE_INFINITY)
}

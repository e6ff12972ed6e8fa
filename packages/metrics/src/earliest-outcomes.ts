import { NO_OUTCOME, type Outcomes } from './outcome-store.ts'
import type { Reading } from './reading.ts'

/** A unit's outcomes within a metric's maximum of events. */
export interface KeptOutcomes {
  readonly outcomes: Outcomes
  readonly lastOutcome: number
  /** How many were left out. */
  readonly excess: number
}

/**
 * The outcomes of a unit that a metric reads with from ≤ occurredAt < until, the earliest up to its maximum; of a ratio,
 * of numerator and denominator together, so that both cover the same stretch of time.
 */
export function earliestOutcomes(
  lastOutcome: number,
  outcomes: Outcomes,
  { eventIndex, denominator, maximumEvents = Number.POSITIVE_INFINITY }: Reading,
  from: number,
  until: number,
): KeptOutcomes {
  const within: number[] = []
  for (let i = lastOutcome; i !== NO_OUTCOME; i = outcomes.previous[i]!) {
    const isRead = outcomes.eventIndex[i] === eventIndex || outcomes.eventIndex[i] === denominator?.eventIndex
    if (isRead && outcomes.occurredAt[i]! >= from && outcomes.occurredAt[i]! < until) within.push(i)
  }
  if (within.length <= maximumEvents) return { outcomes, lastOutcome, excess: 0 }
  const times = Float64Array.from(within, (i) => outcomes.occurredAt[i]!).sort()
  const latest = times[maximumEvents - 1]!
  const candidates = within.filter((i) => outcomes.occurredAt[i]! <= latest)
  // At one instant by event and value, so that the order of the log does not show.
  candidates.sort(
    (a, b) =>
      outcomes.occurredAt[a]! - outcomes.occurredAt[b]! ||
      outcomes.eventIndex[a]! - outcomes.eventIndex[b]! ||
      outcomes.value[a]! - outcomes.value[b]!,
  )
  const kept = candidates.slice(0, maximumEvents)
  return {
    outcomes: {
      eventIndex: kept.map((i) => outcomes.eventIndex[i]!),
      occurredAt: kept.map((i) => outcomes.occurredAt[i]!),
      value: kept.map((i) => outcomes.value[i]!),
      previous: kept.map((_, place) => (place === 0 ? NO_OUTCOME : place - 1)),
    },
    lastOutcome: kept.length - 1,
    excess: within.length - kept.length,
  }
}

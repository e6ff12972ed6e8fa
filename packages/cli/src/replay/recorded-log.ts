import type { EventLog } from '@fairtrial/rollout/controller'
import type { Recording } from './recorded-events.ts'

/** How many events are handed over at a time. */
const PORTION = 10_000

/** A log that holds, at any moment, what had come in by then. Lines that were no event, and what retention took, are told at
 * the first reading. */
export function recordedLog(
  { events, unreadableLines, removed }: Recording,
  now: () => number,
): EventLog<number> {
  return {
    async readFrom(cursor) {
      const from = cursor ?? 0
      let to = from
      while (to < events.length && to - from < PORTION && (events[to]?.at ?? Infinity) <= now()) to++
      return {
        events: events.slice(from, to).map(({ event }) => event),
        cursor: to,
        bytesRead: 0,
        unreadableLines: cursor === null ? unreadableLines : 0,
        ...(cursor === null && { removed }),
        more: to - from === PORTION,
      }
    },
  }
}

import type { LogEvent } from '@fairtrial/protocol'
import type { EventLog } from '../src/controller/index.ts'

/** A log in memory, of lines whose bytes are counted: an event is in it from its receipt on. */
export function arrayLog(now: () => number, initial: readonly LogEvent[] = []) {
  let events: LogEvent[] = []
  let isBroken = false
  let reading = 0
  const seen = { mostAtOnce: 0 }
  const append = (more: readonly LogEvent[]) => {
    events = [...events, ...more.toSorted((a, b) => (a.receivedAt ?? 0) - (b.receivedAt ?? 0))]
  }
  append(initial)
  const log: EventLog<number> = {
    async readFrom(cursor) {
      seen.mostAtOnce = Math.max(seen.mostAtOnce, ++reading)
      await new Promise((resolve) => setImmediate(resolve))
      reading--
      if (isBroken) throw new Error('disk on fire')
      const from = cursor ?? 0
      const next = events.findIndex((event, i) => i >= from && (event.receivedAt ?? 0) > now())
      const fresh = events.slice(from, next === -1 ? events.length : next)
      return { events: fresh, cursor: from + fresh.length, bytesRead: bytesOf(fresh), unreadableLines: 0 }
    },
  }
  return {
    log,
    seen,
    append,
    setBroken: (value: boolean) => {
      isBroken = value
    },
  }
}

export function bytesOf(events: readonly LogEvent[]): number {
  return events.reduce((bytes, event) => bytes + JSON.stringify(event).length + 1, 0)
}

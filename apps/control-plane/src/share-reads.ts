import type { EventLog, LogBatch } from '@fairtrial/rollout/controller'

/**
 * A log that many loops read: one read at a time, so that they leave the database to others too; and those that wait for
 * the same portion wait for one read.
 */
export function shareReads<Cursor>(log: EventLog<Cursor>): EventLog<Cursor> {
  const waiting = new Map<string, Promise<LogBatch<Cursor>>>()
  let turn: Promise<unknown> = Promise.resolve()
  return {
    readFrom(cursor) {
      const from = JSON.stringify(cursor)
      const shared = waiting.get(from)
      if (shared !== undefined) return shared
      const read = turn.then(() => {
        // Whoever comes now may look for what this one comes too early for.
        waiting.delete(from)
        return log.readFrom(cursor)
      })
      waiting.set(from, read)
      turn = read.catch(() => undefined)
      return read
    },
  }
}

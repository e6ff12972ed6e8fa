import type { Incomplete } from '@fairtrial/rollout'
import type { EventLog, LogBatch } from '@fairtrial/rollout/controller'

/** Several logs read as one, each from its own cursor: by turns, so that a large one does not hold the others up. */
export function joinLogs(logs: readonly EventLog[]): EventLog<readonly unknown[]> {
  return {
    async readFrom(cursors) {
      const batches = await Promise.all(logs.map((log, i) => log.readFrom(cursors?.[i] ?? null)))
      const sum = (read: (batch: LogBatch) => number) =>
        batches.reduce((total, batch) => total + read(batch), 0)
      const incomplete = joinIncomplete(batches.flatMap((batch) => batch.incomplete ?? []))
      return {
        events: batches.flatMap(({ events }) => events),
        cursor: batches.map(({ cursor }) => cursor),
        bytesRead: sum(({ bytesRead }) => bytesRead),
        unreadableLines: sum(({ unreadableLines }) => unreadableLines),
        // Of a producer that wrote to several, all hold what the highest tells.
        removed: batches.flatMap(({ removed }) => removed ?? []),
        more: batches.some(({ more }) => more ?? false),
        ...(incomplete !== null && { incomplete }),
      }
    },
  }
}

function joinIncomplete(all: readonly Incomplete[]): Incomplete | null {
  if (all.length === 0) return null
  return {
    detail: all.map(({ detail }) => detail).join(' '),
    lacks: [...new Set(all.flatMap(({ lacks }) => lacks))],
  }
}

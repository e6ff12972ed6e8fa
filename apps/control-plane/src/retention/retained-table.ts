import {
  removedNumbers,
  type StayingSegment,
  surveyEvents,
  type SegmentFacts,
  whyItStays,
} from '@fairtrial/exposure/segments'
import type { PostgresEventLog } from '@fairtrial/rollout/postgres'
import type { RetainedLog } from './retention.ts'

/** A stretch of the table as if it were a file. */
interface Portion {
  /** Where it ends. */
  readonly position: number
  readonly facts: SegmentFacts
  readonly isLast: boolean
}

/** So many portions go at once; the rest at once after them. */
const MAXIMUM_PORTIONS = 500

/**
 * The events of all replicas. Whoever leads lets them go: from the beginning on, up to the first that stays. What is behind
 * that one is not looked at, and nothing of it is kept in memory.
 *
 * @param leads whether this replica does
 */
export function retainedTable(
  table: Pick<PostgresEventLog, 'readFrom' | 'dropBefore' | 'sweep'>,
  leads: () => boolean,
): RetainedLog {
  /** When the newest event was received, of those up to a position: each is read once for that. */
  let newest = UNREAD

  async function newestReceivedAt(): Promise<number> {
    try {
      for (let more = true; more; ) {
        const { receivedAt, position } = newest
        const { cursor, events, more: goesOn = false } = await table.readFrom(position)
        const received = events.reduce((latest, event) => Math.max(latest, event.receivedAt ?? 0), receivedAt)
        newest = { receivedAt: received, position: cursor }
        more = goesOn && cursor !== position
      }
      return newest.receivedAt
    } catch (error) {
      // It may not be the database that it was.
      newest = UNREAD
      throw error
    }
  }

  /** From the beginning on, each read when it is asked for. */
  async function* portionsOf(now: number): AsyncGenerator<Portion> {
    for (let position: number | null = null, isLast = false; !isLast; ) {
      const { cursor, events, unreadableLines, more = false } = await table.readFrom(position)
      if (events.length + unreadableLines === 0) return
      position = cursor
      isLast = !more
      const name = `events.${String(cursor).padStart(6, '0')}.ndjson`
      yield { position, facts: surveyEvents(events, name, now), isLast }
    }
  }

  return {
    name: 'postgres',
    // What was dropped is read by nobody, however much of it is deleted: the next run of a leader goes on with that.
    finish: async () => undefined,
    async run({ by, runningSince, experiments = [], announce, isDryRun = false, ...rule }) {
      const { now, olderThanMs, trustsClock = false } = rule
      const running = new Map<string, number>()
      const asked = new Set<string>()
      let before = now - olderThanMs
      const nothing = { before, removed: [], stay: [] }
      if (!leads()) return nothing
      if (!isDryRun) await table.sweep()

      async function ask(keys: readonly string[]): Promise<void> {
        for (const key of keys) {
          if (asked.has(key)) continue
          asked.add(key)
          const since = await runningSince(key)
          if (since !== null) running.set(key, since)
        }
      }

      async function judge({ facts, isLast }: Portion, isFirst: boolean): Promise<StayingSegment | null> {
        await ask(Object.keys(facts.experiments))
        const { name, lastAt } = facts
        const staying = whyItStays(facts, { before, running })
        if (staying !== null) return staying
        if (isLast) return { name, reason: 'last-of-its-writer', lastAt }
        if (!isFirst || trustsClock) return null
        // Only where this machine's clock would let it go, the newest event is asked whether it is so late.
        before = Math.min(now, await newestReceivedAt()) - olderThanMs
        return whyItStays(facts, { before, running })
      }

      await ask(experiments)
      const go: Portion[] = []
      const stay: StayingSegment[] = []
      for await (const portion of portionsOf(now)) {
        const staying = await judge(portion, go.length === 0)
        if (staying === null) go.push(portion)
        else stay.push(staying)
        if (staying !== null || go.length === MAXIMUM_PORTIONS) break
      }
      const removed = go.map(({ facts: { receivedUpTo: _, ...facts } }) => {
        return { schema: 'fairtrial.removed/1' as const, ...facts, removedAt: now, by, olderThanMs }
      })
      const run = { before, removed, stay, more: go.length === MAXIMUM_PORTIONS }
      if (isDryRun || go.length === 0) return run
      if (!leads()) return nothing
      await announce?.(run)
      await table.dropBefore(go.at(-1)?.position ?? 0, removedNumbers(removed))
      return run
    },
  }
}

const UNREAD = { receivedAt: 0, position: null as number | null }

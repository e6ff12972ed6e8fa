import { planRetention, removedNumbers, surveyEvents, type SegmentFacts } from '@fairtrial/exposure/segments'
import type { PostgresEventLog } from '@fairtrial/rollout/postgres'
import type { RetainedLog } from './retention.ts'

/** A stretch of the table as if it were a file. */
interface Portion {
  /** Where it ends. */
  readonly position: number
  readonly facts: SegmentFacts
}

/**
 * The events of all replicas. Whoever leads lets them go: from the beginning on, up to the first that stays.
 *
 * @param leads whether this replica does
 */
export function retainedTable(
  table: Pick<PostgresEventLog, 'readFrom' | 'dropBefore'>,
  leads: () => boolean,
): RetainedLog {
  /** What has been read, the first first. */
  let portions: Portion[] = []

  /** Each event is read once while this replica leads; who led before may have let some go. */
  async function readOn(now: number): Promise<void> {
    for (let more = true; more; ) {
      const { cursor, events, more: goesOn = false } = await table.readFrom(portions.at(-1)?.position ?? null)
      more = goesOn
      if (cursor === (portions.at(-1)?.position ?? 0)) return
      const name = `events.${String(cursor).padStart(6, '0')}.ndjson`
      portions.push({ position: cursor, facts: surveyEvents(events, name, now) })
    }
  }

  return {
    name: 'postgres',
    finish: async () => undefined,
    async run({ by, runningSince, announce, isDryRun = false, ...rule }) {
      if (!leads()) {
        portions = []
        return { before: 0, removed: [], stay: [] }
      }
      await readOn(rule.now)
      const segments = portions.map(({ facts }) => facts)
      const running = new Map<string, number>()
      for (const key of new Set(segments.flatMap(({ experiments }) => Object.keys(experiments)))) {
        const since = await runningSince(key)
        if (since !== null) running.set(key, since)
      }
      const { before, stay } = planRetention(segments, { ...rule, running })
      const staying = new Set(stay.map(({ name }) => name))
      const first = portions.findIndex(({ facts }) => staying.has(facts.name))
      const go = portions.slice(0, Math.max(0, first))
      const removed = go.map(({ facts: { receivedUpTo: _, ...facts } }) => {
        const { now: removedAt, olderThanMs } = rule
        return { schema: 'fairtrial.removed/1' as const, ...facts, removedAt, by, olderThanMs }
      })
      const run = { before, removed, stay }
      if (isDryRun || go.length === 0) return run
      await announce?.(run)
      await table.dropBefore(go.at(-1)?.position ?? 0, removedNumbers(removed))
      portions = portions.slice(go.length)
      return run
    },
  }
}

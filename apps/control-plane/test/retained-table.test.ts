import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { postgresForTests } from '@fairtrial/databases'
import type { LogEvent } from '@fairtrial/protocol'
import type { TrailEntry } from '@fairtrial/rollout'
import { connectPostgres, postgresEventLog } from '@fairtrial/rollout/postgres'
import { expect, it, onTestFinished } from 'vitest'
import { retainedTable } from '../src/retention/retained-table.ts'
import { batch, eventsOf, localPlane } from './local-plane.ts'

const database = await postgresForTests()
const patient = { timeout: 60_000 }
const DAY = 86_400_000

/** Events of a day, of an experiment that is not run here. */
const of = (daysAgo: number, viewers: number): LogEvent[] => {
  const at = Date.now() - daysAgo * DAY
  const ids = Array.from({ length: viewers }, (_, i) => `viewer-${i}`)
  return eventsOf(ids, `of day ${daysAgo}`).map((event) => {
    const aged = { ...event, receivedAt: at }
    return aged.schema === 'fairtrial.exposure/1'
      ? { ...aged, experiment: 'long-over', exposedAt: at }
      : { ...aged, occurredAt: at }
  }) as LogEvent[]
}

it.skipIf(database.isMissing)(
  'what all replicas share goes by its age too, by the one that leads, and the trail of all tells it',
  async () => {
    const postgres = await database.createDatabase()
    const connected = await connectPostgres({ connectionString: postgres })
    onTestFinished(connected.close)
    const table = postgresEventLog(connected)
    for (const daysAgo of [120, 110, 1, 0]) {
      const events = of(daysAgo, 300)
      await table.append({ content: Buffer.from(batch(events)), count: events.length })
    }
    const options = { postgres, retainMs: 90 * DAY, retainEveryMs: 100 }
    const replicas = await Promise.all([localPlane(options), localPlane(options)])
    onTestFinished(async () => {
      for (const replica of replicas) {
        await replica.close()
        await replica.remove()
      }
    })
    // `fairtrial retain` asks by it whether the states in the directory are those in force.
    for (const { directory } of replicas)
      expect(existsSync(join(directory, 'state', 'in-postgres'))).toBe(true)
    const days = async () => new Set((await table.readFrom(null)).events.map(({ producerId }) => producerId))
    await expect.poll(days, patient).toEqual(new Set(['of day 1', 'of day 0']))
    expect((await table.readFrom(null)).events).toHaveLength(1_200)
    for (const replica of replicas) {
      const { entries } = (await (await replica.get('/v1/trail')).json()) as { entries: TrailEntry[] }
      const told = entries.filter(({ kind }) => kind === 'retention')
      expect(told.reduce((sum, { detail }) => sum + Number(detail['events']), 0)).toBe(1_200)
      expect(told[0]?.detail).toMatchObject({ log: 'postgres', olderThanMs: 90 * DAY })
    }
  },
  120_000,
)

it.skipIf(database.isMissing)(
  'what has gone of processes that live on is no loss to whoever reads the table anew',
  async () => {
    const connected = await connectPostgres({ connectionString: await database.createDatabase() })
    onTestFinished(connected.close)
    const table = () => postgresEventLog(connected, { maximumBytes: 1 })
    const numbers = new Map<string, number>()
    // A busy process around the first events of a quiet one: of the busy one half went before, and of the quiet one none.
    for (const [producerId, daysAgo] of [
      ['busy', 95],
      ['quiet', 94],
      ['busy', 93],
      ['quiet', 0],
    ] as const) {
      const events = of(daysAgo, 50).map((event) => {
        const sequence = (numbers.get(producerId) ?? 0) + 1
        numbers.set(producerId, sequence)
        return { ...event, producerId, sequence }
      })
      await table().append({ content: Buffer.from(batch(events)), count: events.length })
    }
    const retained = retainedTable(table(), () => true)
    const rule = { olderThanMs: 90 * DAY, now: Date.now(), by: 'controller', runningSince: async () => null }
    expect((await retained.run(rule)).removed).toHaveLength(3)
    const { events, removed = [] } = await postgresEventLog(connected).readFrom(null)
    expect(new Set(events.map(({ producerId }) => producerId))).toEqual(new Set(['quiet']))
    // No number is missing between what went and what is left: nothing here looks like loss.
    expect(removed).toHaveLength(2)
    expect(removed).toEqual(
      expect.arrayContaining([
        { producerId: 'busy', upTo: numbers.get('busy') },
        { producerId: 'quiet', upTo: events[0]!.sequence - 1 },
      ]),
    )
  },
  60_000,
)

import { startProxy } from '@fairtrial/brokers'
import { postgresForTests } from '@fairtrial/databases'
import type { OutcomeEvent } from '@fairtrial/protocol'
import * as fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { connectPostgres } from './database.ts'
import type { Database } from './database.ts'
import { postgresEventLog } from './postgres-event-log.ts'
import type { PostgresEventLog } from './postgres-event-log.ts'

const postgres = await postgresForTests()

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

async function connect(connectionString?: string, timeoutMs?: number): Promise<Database> {
  const database = await connectPostgres({
    connectionString: connectionString ?? (await postgres.createDatabase()),
    ...(timeoutMs !== undefined && { timeoutMs }),
  })
  ends.push(database.close)
  return database
}

function outcome(outcomeId: string): OutcomeEvent {
  return {
    schema: 'fairtrial.outcome/1',
    outcomeId,
    name: 'started',
    unitType: 'viewer',
    unitId: 'viewer-1',
    value: 1,
    occurredAt: 1_767_225_600_500,
    producerId: 'service-1',
    sequence: 1,
    sdk: 'test/1',
  }
}

const lines = (text: string) => ({
  content: new TextEncoder().encode(text),
  count: text.split('\n').length - 1,
})
const batchOf = (...ids: readonly string[]) =>
  lines(ids.map((id) => `${JSON.stringify(outcome(id))}\n`).join(''))

/** The ids of what stands behind a cursor, to the end. */
async function readOn(log: PostgresEventLog, cursor: number | null = null) {
  const ids: string[] = []
  for (let more = true; more; ) {
    const read = await log.readFrom(cursor)
    ids.push(...read.events.map((event) => (event as OutcomeEvent).outcomeId))
    cursor = read.cursor
    more = read.more ?? false
  }
  return { ids, cursor }
}

/** Ends every connection to a database but the one that asks. */
const KILL_OTHERS =
  'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()'

describe.skipIf(postgres.isMissing)('postgresEventLog', () => {
  it('reads what was appended, letter for letter, and each byte once', async () => {
    const log = postgresEventLog(await connect())
    expect(await log.readFrom(null)).toEqual({
      events: [],
      cursor: 0,
      bytesRead: 0,
      unreadableLines: 0,
      more: false,
    })
    const ids = ['1', `ü'; DROP TABLE fairtrial.events; --\u0000`, '\ud800 halved', '\\x41']
    const batch = batchOf(...ids)
    await log.append(batch)
    const first = await log.readFrom(null)
    expect(first).toMatchObject({ events: ids.map(outcome), bytesRead: batch.content.length, more: false })
    expect(await log.readFrom(first.cursor)).toMatchObject({ events: [], bytesRead: 0 })
    await log.append(batchOf('5'))
    expect((await readOn(log, first.cursor)).ids).toEqual(['5'])
  })

  it('FAULTS 39: counts lines that are no events, and reads those beside them', async () => {
    const database = await connect()
    const log = postgresEventLog(database)
    const good = JSON.stringify(outcome('good'))
    await log.append(lines(`${good}\nnot json\n{"schema":"fairtrial.outcome/1"}\n\n[]\n${good}\n`))
    expect(await log.readFrom(null)).toMatchObject({
      events: [outcome('good'), outcome('good')],
      unreadableLines: 4,
    })
    await expect(log.append(lines('{"a":1}\n{"b":2}'))).rejects.toMatchObject({ code: 'invalid-argument' })
    // Whoever has checked them before may look less closely.
    const isEvent = (value: unknown): value is OutcomeEvent => typeof value === 'object'
    expect(await postgresEventLog(database, { isEvent }).readFrom(null)).toMatchObject({ unreadableLines: 2 })
  })

  it('reads by portions, however large or small the batches are', async () => {
    const database = await connect()
    const log = postgresEventLog(database, { maximumBytes: 1_000 })
    const ids = Array.from({ length: 40 }, (_, i) => String(i))
    for (let i = 0; i < 40; i += 4) await log.append(batchOf(...ids.slice(i, i + 4)))
    const portion = await log.readFrom(null)
    expect(portion).toMatchObject({ more: true })
    // A batch is never cut: a portion may be longer by less than one.
    expect(portion.bytesRead).toBeLessThan(1_000 + batchOf('10', '11', '12', '13').content.length)
    expect((await readOn(log)).ids).toEqual(ids)

    await database.query(
      `WITH small AS (
         INSERT INTO fairtrial.events (position, lines, bytes, count)
         SELECT 10 + n, $1, octet_length($1), 1 FROM generate_series(1, 2500) AS n RETURNING position
       ) UPDATE fairtrial.events_end SET position = position + (SELECT count(*) FROM small)`,
      [`${JSON.stringify(outcome('small'))}\n`],
    )
    const large = postgresEventLog(database)
    expect((await large.readFrom(null)).events.length).toBe(40 + 990)
    expect((await readOn(large)).ids.length).toBe(40 + 2_500)
  })

  it('shows no batch before one that was begun earlier and takes its time', async () => {
    const database = await connect()
    const log = postgresEventLog(database)
    const client = await database.pool.connect()
    const slow = postgresEventLog({
      ...database,
      query: async (text, values) => (await client.query(text, [...(values ?? [])])).rows,
    })
    await client.query('BEGIN')
    await slow.append(batchOf('slow'))
    const quick = log.append(batchOf('quick'))
    const isWaiting = `SELECT count(*)::int AS waiting FROM pg_stat_activity
                       WHERE datname = current_database() AND wait_event_type = 'Lock'`
    await expect.poll(async () => await database.query(isWaiting)).toEqual([{ waiting: 1 }])
    expect(await log.readFrom(null)).toMatchObject({ events: [], cursor: 0, more: false })
    await client.query('COMMIT')
    await quick
    expect(await readOn(log)).toEqual({ ids: ['slow', 'quick'], cursor: 2 })

    // One that comes to nothing leaves no gap.
    await client.query('BEGIN')
    await slow.append(batchOf('never'))
    await client.query('ROLLBACK')
    client.release()
    await log.append(batchOf('next'))
    expect(await readOn(log)).toEqual({ ids: ['slow', 'quick', 'next'], cursor: 3 })
  })

  it('FAULTS 34: whoever appends, and is cut off meanwhile: every reader reads the same, each batch once, in one order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 30, maxLength: 30 }),
        fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 4 }),
        async (sizes, killsAfter) => {
          const url = await postgres.createDatabase()
          const killer = await connect(url)
          const writers = await Promise.all([connect(url), connect(url), connect(url)])
          const acknowledged: string[] = []
          let isOver = false
          const writing = writers.map(async (database, writer) => {
            const log = postgresEventLog(database)
            for (const [n, size] of sizes.entries()) {
              if (n % writers.length !== writer) continue
              const ids = Array.from({ length: size }, (_, i) => `${n}/${i}`)
              while (
                !(await log.append(batchOf(...ids)).then(
                  () => true,
                  () => false,
                ))
              );
              acknowledged.push(...ids)
              // Of two that kill at once, one kills the other.
              if (killsAfter.includes(n)) await killer.query(KILL_OTHERS).catch(() => undefined)
            }
          })
          const reading = [400, 1_000_000].map(async (maximumBytes, i) => {
            const log = postgresEventLog(i === 0 ? killer : await connect(url), { maximumBytes })
            const read: string[] = []
            let cursor: number | null = null
            for (let wasOver = false; !wasOver; ) {
              wasOver = isOver
              // What fails has moved no cursor.
              const portion: Awaited<ReturnType<typeof readOn>> | null = await readOn(log, cursor).catch(
                () => null,
              )
              read.push(...(portion?.ids ?? []))
              cursor = portion?.cursor ?? cursor
            }
            return read
          })
          await Promise.all(writing).finally(() => (isOver = true))
          const [first, second] = await Promise.all(reading)
          expect(second).toEqual(first)
          expect(new Set(first)).toEqual(new Set(acknowledged))
          const stored = await killer.query('SELECT sum(count)::int AS events FROM fairtrial.events')
          expect(stored).toEqual([{ events: first!.length }])
        },
      ),
      { numRuns: 5 },
    )
  })

  it('FAULTS 30: on a read-only database nothing is appended, and it is said; what is there is read', async () => {
    const url = await postgres.createDatabase()
    const database = await connect(url)
    const log = postgresEventLog(database)
    await log.append(batchOf('before'))
    await log.checkWritable()
    await database.query(
      `ALTER DATABASE ${new URL(url).pathname.slice(1)} SET default_transaction_read_only = on`,
    )
    const now = postgresEventLog(await connect(url))
    for (const attempt of [now.append(batchOf('lost')), now.checkWritable()])
      await expect(attempt).rejects.toMatchObject({
        code: 'io',
        remedy: expect.stringMatching(/read_only is off/),
      })
    expect((await readOn(now)).ids).toEqual(['before'])
  })

  it('FAULTS 33: what was stored and not answered comes twice when it is sent again, and nothing is lost', async () => {
    const url = new URL(await postgres.createDatabase())
    const proxy = await startProxy(url.host)
    ends.push(() => proxy.stop())
    const direct = postgresEventLog(await connect(url.href))
    url.host = proxy.address
    const log = postgresEventLog(await connect(url.href, 500))
    await log.append(batchOf('1'))
    proxy.setMode('black-hole')
    await expect(log.append(batchOf('2'))).rejects.toMatchObject({ code: 'unreachable' })
    proxy.setMode('pass')
    await log.append(batchOf('2'))
    const { ids } = await readOn(direct)
    expect([ids[0], ids.at(-1), ids.length <= 3]).toEqual(['1', '2', true])
  })

  it('refuses to read on in a database that was taken back to what it was before', async () => {
    const database = await connect()
    const log = postgresEventLog(database)
    for (const id of ['1', '2', '3']) await log.append(batchOf(id))
    const { cursor } = await readOn(log)
    await database.query('UPDATE fairtrial.events_end SET position = 1')
    await expect(log.readFrom(cursor)).rejects.toMatchObject({
      code: 'io',
      message: expect.stringContaining('end at 1, but 3 were read'),
    })
  })

  it('refuses to read on in a database that lost its tail and grew again past it', async () => {
    const database = await connect()
    const log = postgresEventLog(database)
    for (const id of ['1', '2', '3', '4', '5']) await log.append(batchOf(id))
    const { cursor } = await readOn(log)
    // A standby that had not yet copied 4 and 5 takes over, and others append before the reader looks again.
    await database.query('DELETE FROM fairtrial.events WHERE position > 3')
    await database.query('UPDATE fairtrial.events_end SET position = 3')
    for (const id of ['new-4', 'new-5', 'new-6']) await log.append(batchOf(id))
    await expect(log.readFrom(cursor)).rejects.toMatchObject({
      code: 'io',
      message: expect.stringContaining('have another batch at 5 than the one that was read'),
    })
    // Nor does another reader of the process pass the place, and make it look as if it had been read.
    await expect(log.readFrom(null)).rejects.toMatchObject({ code: 'io' })
    expect((await readOn(postgresEventLog(database))).ids).toEqual(['1', '2', '3', 'new-4', 'new-5', 'new-6'])
  })

  it('tells it too where the batch that was read is met from the beginning', async () => {
    const database = await connect()
    const log = postgresEventLog(database)
    for (const id of ['1', '2']) await log.append(batchOf(id))
    await readOn(log)
    await database.query('DELETE FROM fairtrial.events WHERE position > 1')
    await database.query('UPDATE fairtrial.events_end SET position = 1')
    await log.append(batchOf('new-2'))
    await expect(log.readFrom(null)).rejects.toMatchObject({ code: 'io' })
  })

  it('changes no row, and drops what stands before a cursor: whoever is in the middle goes on', async () => {
    const database = await connect()
    const log = postgresEventLog(database)
    for (let i = 1; i <= 5; i++) await log.append(batchOf(`${i}a`, `${i}b`))
    expect(await log.dropBefore(3, [])).toBe(6)
    expect(await log.dropBefore(3, [])).toBe(0)
    expect((await readOn(log)).ids).toEqual(['4a', '4b', '5a', '5b'])
    expect((await readOn(log, 4)).ids).toEqual(['5a', '5b'])
    expect((await readOn(log, 1)).ids).toEqual(['4a', '4b', '5a', '5b'])
    expect(await log.dropBefore(5, [])).toBe(4)
    expect(await readOn(log)).toEqual({ ids: [], cursor: 5 })
    await log.append(batchOf('6'))
    expect(await readOn(log, 5)).toEqual({ ids: ['6'], cursor: 6 })
    for (const attack of [
      `UPDATE fairtrial.events SET lines = ''`,
      'DELETE FROM fairtrial.events_end',
      'TRUNCATE fairtrial.events_end',
      'DELETE FROM fairtrial.events_begin',
    ])
      await expect(database.query(attack), attack).rejects.toThrow(/appended and never changed/)
  })

  it('drops at once, told with what went, where the deletion is cut off: no replica reads half of it', async () => {
    const database = await connect()
    const log = postgresEventLog(database)
    for (let i = 1; i <= 5; i++) await log.append(batchOf(`${i}`))
    const middle = await postgresEventLog(database, { maximumBytes: 1 }).readFrom(null)
    expect(middle).toMatchObject({ cursor: 1, more: true })
    expect(middle.removed).toBeUndefined()
    const killed = postgresEventLog({
      ...database,
      query: async (text, values) => {
        if (text.includes('DELETE')) throw new Error('killed')
        return database.query(text, values)
      },
    })
    const odd = 'tv\u0000\ud800'
    const removed = [
      { producerId: odd, upTo: 7 },
      { producerId: odd, upTo: 3 },
      { producerId: 'tv-2', upTo: 9 },
    ]
    await expect(killed.dropBefore(3, removed)).rejects.toThrow('killed')
    const told = expect.arrayContaining([
      { producerId: odd, upTo: 7 },
      { producerId: 'tv-2', upTo: 9 },
    ])
    const anew = await postgresEventLog(database).readFrom(null)
    expect(anew).toMatchObject({ cursor: 5, removed: told })
    expect(anew.removed).toHaveLength(2)
    expect(anew.events).toEqual([outcome('4'), outcome('5')])
    // Whoever was in the middle has not met all that went, and is told; whoever was further has.
    expect(await log.readFrom(middle.cursor)).toMatchObject({ events: anew.events, removed: told })
    expect(await log.readFrom(4)).not.toHaveProperty('removed')

    expect(await log.sweep()).toBe(3)
    expect(await log.sweep()).toBe(0)
    // Never back, nor beyond what there is; and numbers only grow.
    expect(await log.dropBefore(1, [{ producerId: 'tv-2', upTo: 1 }])).toBe(0)
    expect(await log.dropBefore(99, [])).toBe(2)
    await log.append(batchOf('6'))
    const last = await log.readFrom(null)
    expect(last).toMatchObject({ events: [outcome('6')], removed: told })
  })
})

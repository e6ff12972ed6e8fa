import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readRetentionRecord } from '@fairtrial/exposure/segments'
import type { LogEvent } from '@fairtrial/protocol'
import type { TrailEntry } from '@fairtrial/rollout'
import { describe, expect, it, onTestFinished } from 'vitest'
import { batch, eventsOf, localPlanes, NDJSON } from '../../test/local-plane.ts'
import { verifyTrail } from '../trail/verify-trail.ts'
import { createRetention, type RetainedLog } from './retention.ts'
import { retainedTable } from './retained-table.ts'

const DAY = 86_400_000
const open = localPlanes()
const patient = { timeout: 10_000 }

/** Events of a day, received then. */
const of = (daysAgo: number, experiment: string, producerId: string): LogEvent[] => {
  const at = Date.now() - daysAgo * DAY
  return eventsOf(['viewer-1', 'viewer-2'], producerId).map((event) => {
    const aged = { ...event, receivedAt: at }
    return aged.schema === 'fairtrial.exposure/1'
      ? { ...aged, experiment, exposedAt: at }
      : { ...aged, occurredAt: at }
  }) as LogEvent[]
}

/** A data directory of an earlier life. */
function dataWith(segments: { readonly [name: string]: readonly LogEvent[] }): string {
  const directory = mkdtempSync(join(tmpdir(), 'fairtrial-plane-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  mkdirSync(join(directory, 'log'))
  for (const [name, events] of Object.entries(segments))
    writeFileSync(join(directory, 'log', `${name}.ndjson`), batch(events))
  return directory
}
const segmentsIn = (directory: string) =>
  readdirSync(join(directory, 'log')).filter((name) => name.endsWith('.ndjson'))

type Plane = Awaited<ReturnType<typeof open>>
const trailOf = async (plane: Plane) =>
  ((await (await plane.get('/v1/trail')).json()) as { entries: TrailEntry[] }).entries

describe('a control plane that keeps its log for a time', () => {
  it('lets the old go, tells its trail and its metrics, and keeps what runs needs', async () => {
    const directory = dataWith({
      'control-plane.000001': of(120, 'long-over', 'a'),
      'control-plane.000002': of(110, 'home-row', 'b'),
      'control-plane.000003': of(1, 'long-over', 'c'),
    })
    const plane = await open({ directory, retainMs: 90 * DAY, retainEveryMs: 50 })
    // The newest event that was received tells the time too: it is a day old.
    await plane.post('/v1/events', batch(of(0, 'home-row', 'd')), NDJSON)
    await expect.poll(() => segmentsIn(directory), patient).not.toContain('control-plane.000001.ndjson')
    expect(segmentsIn(directory)).toContain('control-plane.000002.ndjson')
    const text = await (await plane.get('/metrics')).text()
    expect(text).toContain('fairtrial_retention_segments_total{log="log"} 1')
    expect(text).toContain('fairtrial_retention_events_total{log="log"} 4')
    const [entry] = (await trailOf(plane)).filter(({ kind }) => kind === 'retention')
    const [removed] = await readRetentionRecord(join(directory, 'log'))
    expect(entry).toMatchObject({
      by: 'controller',
      experiment: null,
      detail: {
        log: 'log',
        olderThanMs: 90 * DAY,
        events: 4,
        segments: [{ name: 'control-plane.000001.ndjson', events: 4, sha256: removed!.sha256 }],
      },
    })
    expect(JSON.stringify(entry)).not.toContain('viewer-1')

    // Once it is over, its evidence is as old as it is.
    const reason = JSON.stringify({ by: 'ada', reason: 'Enough.' })
    await plane.post('/v1/experiments/home-row/abort', reason)
    await expect.poll(() => segmentsIn(directory), patient).not.toContain('control-plane.000002.ndjson')
    expect(plane.lines.filter((line) => line.includes('have gone by retention'))).toHaveLength(2)
    await plane.close()
    expect(await verifyTrail(directory)).toMatchObject({ holds: true })
  })

  it('begins a new file when the last is of an age, so that there is something to let go', async () => {
    const directory = dataWith({ 'control-plane.000001': of(3, 'home-row', 'a') })
    const plane = await open({ directory, retainMs: 20, retainEveryMs: 3_600_000 })
    await new Promise((resolve) => setTimeout(resolve, 30))
    await plane.post('/v1/events', batch(of(0, 'home-row', 'b')), NDJSON)
    expect(segmentsIn(directory)).toEqual(['control-plane.000001.ndjson', 'control-plane.000002.ndjson'])
  })

  it('ends what a killed run had begun, before it reads its log', async () => {
    const directory = dataWith({
      'control-plane.000001': of(120, 'long-over', 'a'),
      'control-plane.000002': of(0, 'long-over', 'b'),
    })
    const first = join(directory, 'log', 'control-plane.000001.ndjson')
    const text = readFileSync(first)
    const options = { directory, retainMs: 90 * DAY, retainEveryMs: 20 }
    const plane = await open(options)
    await expect.poll(() => segmentsIn(directory), patient).toHaveLength(1)
    await plane.close()
    writeFileSync(first, text)
    await open({ ...options, retainEveryMs: 3_600_000 })
    expect(segmentsIn(directory)).toEqual(['control-plane.000002.ndjson'])
  })
})

describe('the retention', () => {
  it('lets nothing go that the trail cannot tell, says so once, and goes on when it can', async () => {
    const lines: string[] = []
    const trail = { isFull: true, entries: 0 }
    let gone = 0
    const log: RetainedLog = {
      name: 'log',
      finish: async () => undefined,
      async run({ announce }) {
        const removed = Array.from({ length: 250 }, (_, i) => ({
          name: `${i}`,
          events: 1,
          bytes: 1,
        })) as never
        const run = { before: 0, removed, stay: [] }
        await announce?.(run)
        gone += 1
        return run
      },
    }
    const retention = createRetention({
      logs: [log],
      olderThanMs: DAY,
      store: { read: async () => null },
      record: async () => {
        if (trail.isFull) throw new Error('ENOSPC')
        trail.entries += 1
      },
      now: () => 1,
      log: (line) => lines.push(line),
      everyMs: 5,
    })
    retention.start()
    const failures = () =>
      retention.metrics().find(({ name }) => name.includes('failures'))?.samples[0]?.value
    await expect.poll(failures, patient).toBeGreaterThan(2)
    expect(gone).toBe(0)
    expect(lines).toEqual(['log: nothing goes by retention: ENOSPC'])
    trail.isFull = false
    await expect.poll(() => gone, patient).toBeGreaterThan(0)
    await retention.close()
    // An entry for each hundred.
    expect(trail.entries).toBe(3 * gone)
    expect(lines).toContain('log: the retention works again.')
    const before = gone
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(gone).toBe(before)
  })
})

/** A table of batches, each at its position. */
function tableOf(batches: readonly (readonly LogEvent[])[]) {
  let rows = batches.map((events, i) => ({ position: i + 1, events }))
  const end = () => rows.at(-1)?.position ?? 0
  const dropped: number[] = []
  return {
    dropped,
    positions: () => rows.map(({ position }) => position),
    append: (events: readonly LogEvent[]) => void rows.push({ position: end() + 1, events }),
    async readFrom(cursor: number | null) {
      const next = rows.find(({ position }) => position > (cursor ?? 0))
      const position = next?.position ?? cursor ?? 0
      const events = next?.events ?? []
      return { events, cursor: position, bytesRead: 0, unreadableLines: 0, more: position < end() }
    },
    async dropBefore(cursor: number) {
      dropped.push(cursor)
      rows = rows.filter(({ position }) => position > cursor)
      return 0
    },
  }
}

describe('the table of all replicas', () => {
  const rule = { olderThanMs: 90 * DAY, by: 'controller', runningSince: async () => null }
  const run = (log: RetainedLog, changes: object = {}) => log.run({ ...rule, now: Date.now(), ...changes })

  it('goes from its beginning up to the first that stays, by whoever leads', async () => {
    const table = tableOf([
      of(130, 'over', 'a'),
      of(120, 'over', 'b'),
      of(110, 'running', 'c'),
      of(100, 'over', 'd'),
      of(0, 'over', 'e'),
    ])
    let leads = false
    const log = retainedTable(table, () => leads)
    expect(await run(log)).toMatchObject({ removed: [] })
    leads = true
    const runningSince = async (key: string) => (key === 'running' ? Date.now() - 115 * DAY : null)
    expect((await run(log, { runningSince, isDryRun: true })).removed).toHaveLength(2)
    expect(table.positions()).toHaveLength(5)
    const { removed } = await run(log, { runningSince })
    expect(removed).toMatchObject([{ events: 4, experiments: { over: 2 } }, { events: 4 }])
    expect(table.positions()).toEqual([3, 4, 5])
    expect(await run(log, { runningSince })).toMatchObject({ removed: [] })
    // It is over, and events have come meanwhile.
    table.append(of(0, 'over', 'f'))
    expect((await run(log)).removed).toHaveLength(2)
    expect(table.positions()).toEqual([5, 6])
    expect(table.dropped).toEqual([2, 4])
  })

  it('is read anew by whoever has not led meanwhile, and empty is nothing to do', async () => {
    const table = tableOf([of(130, 'over', 'a'), of(0, 'over', 'b')])
    let leads = true
    const log = retainedTable(table, () => leads)
    await run(log, { isDryRun: true })
    leads = false
    await run(log)
    // Another replica has led, and let it go.
    await table.dropBefore(1, [])
    leads = true
    expect(await run(log)).toMatchObject({ removed: [] })
    expect(await run(retainedTable(tableOf([]), () => true))).toMatchObject({ removed: [] })
  })
})

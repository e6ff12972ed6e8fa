import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readRetentionRecord, segmentRetention } from '@fairtrial/exposure/segments'
import type { Experiment, LogEvent, RemovedNumbers, RolloutState } from '@fairtrial/protocol'
import type { TrailEntry } from '@fairtrial/rollout'
import { describe, expect, it, onTestFinished } from 'vitest'
import { batch, eventsOf, localPlanes, NDJSON } from '../../test/local-plane.ts'
import type { TrailFact } from '../trail/chain.ts'
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
    // They count when the files are gone.
    const metrics = async () => (await plane.get('/metrics')).text()
    await expect.poll(metrics, patient).toContain('fairtrial_retention_segments_total{log="log"} 1')
    expect(await metrics()).toContain('fairtrial_retention_events_total{log="log"} 4')
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
    const told = () => plane.lines.filter((line) => line.includes('have gone by retention'))
    await expect.poll(told, patient).toHaveLength(2)
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

const nothingKnown = { experiments: [], definitions: { keys: async () => [], read: async () => null } }

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
      ...nothingKnown,
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

describe('the logs of one control plane', () => {
  /** Outcomes are sent here, exposures of the same units come by topics: for 20 days there has been a phase. */
  function planned(covariates: readonly object[], olderThanMs = 7 * DAY) {
    const directory = dataWith({})
    const write = (log: string, name: string, events: readonly LogEvent[]) => {
      mkdirSync(join(directory, log), { recursive: true })
      writeFileSync(join(directory, log, `${name}.ndjson`), batch(events))
    }
    const outcomes = (daysAgo: number) =>
      of(daysAgo, 'x', `day ${daysAgo}`).filter(({ schema }) => schema === 'fairtrial.outcome/1')
    for (const [i, daysAgo] of [30, 22, 15, 0].entries())
      write('log', `control-plane.00000${i + 1}`, outcomes(daysAgo))
    const exposures = of(18, 'x', 'topics').filter(({ schema }) => schema === 'fairtrial.exposure/1')
    write('kafka', 'exposures-0.000001', exposures)
    const x = { key: 'x', fingerprint: 'f', metrics: { started: { covariates } } } as unknown as Experiment
    const state = { status: 'running', fingerprint: 'f', startedAt: Date.now() - 20 * DAY } as RolloutState
    const facts: TrailFact[] = []
    const lines: string[] = []
    const retention = createRetention({
      logs: ['log', 'kafka'].map((name) => ({ name, ...segmentRetention(join(directory, name)) })),
      olderThanMs,
      store: { read: async (key) => (key === 'x' ? state : null), experiments: async () => ['x'] },
      experiments: [],
      definitions: { keys: async () => [], read: async (key) => (key === 'x' ? x : null) },
      record: async (fact) => void facts.push(fact),
      now: Date.now,
      log: (line) => lines.push(line),
      everyMs: 5,
    })
    onTestFinished(retention.close)
    const samples = (name: string) =>
      retention.metrics().find((metric) => metric.name.endsWith(name))?.samples
    const turns = async () => {
      retention.start()
      await expect.poll(() => samples('overdue_seconds'), patient).toHaveLength(2)
    }
    return { directory, facts, lines, samples, turns, state }
  }

  it('are planned by what runs, whichever of them tells of it', async () => {
    const { directory, turns } = planned([])
    await turns()
    expect(segmentsIn(directory)).toEqual(['control-plane.000003.ndjson', 'control-plane.000004.ndjson'])
  })

  it('keep what lies before the start as far as a covariate reaches back', async () => {
    const { directory, turns } = planned([{ event: 'started', before: '5d' }])
    await turns()
    expect(segmentsIn(directory)).toHaveLength(3)
  })

  it('keep all outcomes where nobody here knows by what definition a phase runs', async () => {
    const { directory, turns, state } = planned([])
    Object.assign(state, { fingerprint: 'of a replica with another file' })
    await turns()
    expect(segmentsIn(directory)).toHaveLength(4)
  })

  it('tell what is past its time and stays, once for as long as it is for the same reasons', async () => {
    const { facts, lines, samples, turns, state } = planned([])
    await turns()
    const labels = { log: 'log', reason: 'running', experiment: 'x' }
    expect(samples('overdue_segments')).toContainEqual({ labels, value: 1 })
    const days = Object.fromEntries(
      (samples('overdue_seconds') ?? []).map((each) => [
        each.labels?.['log'],
        Math.round(each.value / 86_400),
      ]),
    )
    expect(days).toEqual({ log: 8, kafka: 11 })
    const told = 'Segments of log are older than 7 days and stay: 1 because x runs.'
    await new Promise((resolve) => setTimeout(resolve, 40))
    expect(lines.filter((line) => line === told)).toHaveLength(1)
    const entries = facts.filter(({ detail }) => detail['detail'] === told)
    expect(entries).toMatchObject([
      {
        kind: 'retention',
        detail: { log: 'log', overdue: [{ reason: 'running', because: 'x', segments: 1 }] },
      },
    ])
    expect(lines).toContain(
      'Segments of kafka are older than 7 days and stay: 1 because their writers may go on in them.',
    )
    Object.assign(state, { status: 'aborted' })
    await expect.poll(() => samples('overdue_segments'), patient).not.toContainEqual({ labels, value: 1 })
  })
})

/** A table of batches, each at its position. */
function tableOf(batches: readonly (readonly LogEvent[])[]) {
  let rows = batches.map((events, i) => ({ position: i + 1, events }))
  const end = () => rows.at(-1)?.position ?? 0
  const dropped: number[] = []
  const told: RemovedNumbers[] = []
  let reads = 0
  let sweeps = 0
  return {
    dropped,
    told,
    reads: () => reads,
    sweeps: () => sweeps,
    positions: () => rows.map(({ position }) => position),
    append: (events: readonly LogEvent[]) => void rows.push({ position: end() + 1, events }),
    async readFrom(cursor: number | null) {
      reads++
      const next = rows.find(({ position }) => position > (cursor ?? 0))
      const position = next?.position ?? cursor ?? 0
      const events = next?.events ?? []
      return { events, cursor: position, bytesRead: 0, unreadableLines: 0, more: position < end() }
    },
    async sweep() {
      sweeps++
      return 0
    },
    async dropBefore(cursor: number, removed: readonly RemovedNumbers[]) {
      dropped.push(cursor)
      told.push(...removed)
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
    expect(table.sweeps()).toBe(0)
    leads = true
    const runningSince = async (key: string) => (key === 'running' ? Date.now() - 115 * DAY : null)
    expect((await run(log, { runningSince, isDryRun: true })).removed).toHaveLength(2)
    expect(table.positions()).toHaveLength(5)
    expect(table.sweeps()).toBe(0)
    const { removed } = await run(log, { runningSince })
    expect(removed).toMatchObject([{ events: 4, experiments: { over: 2 } }, { events: 4 }])
    expect(table.positions()).toEqual([3, 4, 5])
    // What a leader before had dropped, and not deleted to its end.
    expect(table.sweeps()).toBe(1)
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

  it('lets a producer go in part, and hands on up to which number', async () => {
    // A busy pod around the first events of one that lives on: the second half of it is past its time, too.
    const table = tableOf([
      of(95, 'over', 'busy'),
      of(94, 'over', 'quiet'),
      of(93, 'over', 'busy').map((event) => ({ ...event, sequence: event.sequence + 4 })),
      of(0, 'over', 'quiet').map((event) => ({ ...event, sequence: event.sequence + 4 })),
    ])
    expect((await run(retainedTable(table, () => true))).removed).toHaveLength(3)
    expect(table.told).toEqual([
      { producerId: 'busy', upTo: 8 },
      { producerId: 'quiet', upTo: 4 },
    ])
    expect(table.positions()).toEqual([4])
  })

  it('reads no further than to the first that stays, and each event twice at most where something goes', async () => {
    const staying = tableOf(Array.from({ length: 50 }, (_, i) => of(200 - i, 'running', `p${i}`)))
    const runningSince = async () => Date.now() - 300 * DAY
    const { stay } = await run(
      retainedTable(staying, () => true),
      { runningSince },
    )
    expect(stay).toMatchObject([{ reason: 'running', because: 'running' }])
    expect(staying.reads()).toBe(1)
    // Pods that overlap, a portion of each: no chain.
    const table = tableOf(
      Array.from({ length: 1_300 }, (_, i) => of(i === 1_299 ? 0.25 : 1_299.5 - i, 'over', `pod-${i >> 1}`)),
    )
    const log = retainedTable(table, () => true)
    for (let more = true; more; ) more = (await run(log)).more ?? false
    expect(table.positions()).toHaveLength(90)
    expect(table.dropped).toEqual([500, 1_000, 1_210])
    expect(table.reads()).toBeLessThan(2 * 1_300 + 10)
  })

  it('makes nothing old by a clock that jumps ahead, and finds a database that went back', async () => {
    const table = tableOf([of(130, 'over', 'a'), of(50, 'over', 'b'), of(0, 'over', 'c')])
    const log = retainedTable(table, () => true)
    const { removed, stay } = await run(log, { now: Date.now() + 4_000 * DAY })
    expect(removed).toHaveLength(1)
    expect(stay).toMatchObject([{ reason: 'young' }])
    const older = tableOf([of(130, 'over', 'a'), of(0, 'over', 'b')])
    const readFrom = async (cursor: number | null) => {
      if ((cursor ?? 0) > 2) throw new Error('not the database that it was')
      return older.readFrom(cursor)
    }
    Object.assign(table, { ...older, readFrom })
    await expect(run(log)).rejects.toThrow('not the database that it was')
    expect((await run(log)).removed).toHaveLength(1)
  })
})

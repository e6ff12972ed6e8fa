import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { ExposureEvent } from '@fairtrial/protocol'
import { smallDiskForTests } from '@fairtrial/disks'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { batchOf } from '../index.ts'
import { PartitionFile } from '../kafka/partition-file.ts'
import { sampleExposure, sampleOutcome } from '../testing/index.ts'
import {
  readRetentionRecord,
  readSegments,
  segmentLog,
  segmentRetention,
  segmentSink,
  START,
} from './index.ts'

const DAY = 86_400_000
const now = 1_800_000_000_000
const root = mkdtempSync(join(tmpdir(), 'fairtrial-retention-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

let directory = ''
let logs = 0
beforeEach(() => {
  directory = join(root, `${logs++}`)
  mkdirSync(directory)
})

const retain = (changes: Partial<Parameters<ReturnType<typeof segmentRetention>['run']>[0]> = {}) =>
  segmentRetention(directory).run({
    now,
    olderThanMs: 90 * DAY,
    by: 'ada',
    runningSince: async () => null,
    ...changes,
  })

/** A segment of exposures of one producer, so many days old. */
function write(name: string, daysOld: number, changes: Partial<ExposureEvent> = {}, count = 2): string {
  const at = now - daysOld * DAY
  const events = Array.from({ length: count }, (_, i) =>
    sampleExposure({
      unitId: `viewer-${i}`,
      exposureId: `${name}-${i}`,
      producerId: name,
      sequence: i + 1,
      exposedAt: at - 60_000 + i,
      receivedAt: at + i,
      ...changes,
    }),
  )
  const text = Buffer.from(batchOf(events).content).toString()
  writeFileSync(join(directory, `${name}.ndjson`), text)
  return text
}

const segments = () =>
  readdirSync(directory)
    .filter((name) => name.endsWith('.ndjson'))
    .toSorted()

it('removes what is old, and records of each segment what it was, and of no unit', async () => {
  const text = write('a.000001', 100)
  write('a.000002', 0)
  const dry = await retain({ isDryRun: true })
  expect(segments()).toHaveLength(2)
  expect(await readRetentionRecord(directory)).toEqual([])

  const run = await retain()
  expect(run).toEqual(dry)
  expect(segments()).toEqual(['a.000002.ndjson'])
  expect(run.stay).toEqual([{ name: 'a.000002.ndjson', reason: 'last-of-its-writer', lastAt: now + 1 }])
  const record = {
    schema: 'fairtrial.removed/1',
    name: 'a.000001.ndjson',
    bytes: text.length,
    sha256: createHash('sha256').update(text).digest('hex'),
    events: 2,
    unreadable: 0,
    firstAt: now - 100 * DAY,
    lastAt: now - 100 * DAY + 1,
    experiments: { 'home-ranking': 2 },
    producers: { 'a.000001': 2 },
    removedAt: now,
    by: 'ada',
    olderThanMs: 90 * DAY,
  }
  expect(await readRetentionRecord(directory)).toEqual([record])
  expect(readFileSync(join(directory, 'retention.jsonl'), 'utf8')).not.toContain('viewer')
  expect(await retain()).toMatchObject({ removed: [] })
  expect(await readRetentionRecord(directory)).toEqual([record])
})

it('keeps what an experiment needs that runs, and removes nothing where nobody knows whether one does', async () => {
  write('a.000001', 100)
  write('a.000002', 100, { experiment: 'other' })
  write('a.000003', 0)
  const unknown = async () => Promise.reject(new Error('the store is down'))
  await expect(retain({ runningSince: unknown })).rejects.toThrow('the store is down')
  expect(segments()).toHaveLength(3)
  const asked: string[] = []
  const run = await retain({
    runningSince: async (key) => (asked.push(key), key === 'home-ranking' ? now - 50 * DAY : null),
  })
  expect(asked.toSorted()).toEqual(['home-ranking', 'other'])
  expect(run.removed.map(({ name }) => name)).toEqual(['a.000002.ndjson'])
  expect(run.stay).toContainEqual({
    name: 'a.000001.ndjson',
    reason: 'running',
    because: 'home-ranking',
    lastAt: now - 100 * DAY + 1,
  })
})

it('asks of experiments, too, that another log tells of', async () => {
  for (const [name, daysOld] of [['a.000001', 100] as const, ['a.000002', 0] as const]) {
    const at = now - daysOld * DAY
    const outcome = sampleOutcome({ producerId: name, occurredAt: at, receivedAt: at })
    writeFileSync(join(directory, `${name}.ndjson`), batchOf([outcome]).content)
  }
  const runningSince = async (key: string) => (key === 'by-topics' ? now - 110 * DAY : null)
  expect((await retain({ runningSince, experiments: ['over', 'by-topics'] })).stay[0]).toMatchObject({
    name: 'a.000001.ndjson',
    reason: 'running',
    because: 'by-topics',
  })
  expect((await retain({ runningSince, experiments: ['over'] })).removed).toHaveLength(1)
})

it('removes nothing of which it may not tell', async () => {
  write('a.000001', 100)
  write('a.000002', 0)
  const told: unknown[] = []
  const tell = async (going: unknown) => void told.push(going)
  await retain({ isDryRun: true, announce: tell })
  expect(told).toEqual([])
  const full = async () => Promise.reject(new Error('the trail is full'))
  await expect(retain({ announce: full })).rejects.toThrow('the trail is full')
  expect(segments()).toHaveLength(2)
  expect(await readRetentionRecord(directory)).toEqual([])
  await retain({ announce: tell })
  await retain({ announce: tell })
  expect(told).toMatchObject([{ removed: [{ name: 'a.000001.ndjson' }] }])
})

it('takes the later of two times for that of an event, and the future for none', async () => {
  // Received by a clock that was never set; exposed by one that was never set; exposed in 2286.
  write('a.000001', 100, { receivedAt: 0, exposedAt: now - 10 * DAY })
  write('b.000001', 100, { receivedAt: now - 10 * DAY, exposedAt: 0 })
  write('c.000001', 100, { exposedAt: 9_999_999_999_999 })
  for (const series of ['a', 'b', 'c']) write(`${series}.000002`, 0)
  const { removed } = await retain()
  expect(removed.map(({ name }) => name)).toEqual(['c.000001.ndjson'])
})

it('lets a reader in the middle go on, and a new one begin at what is left', async () => {
  const log = segmentLog(directory)
  write('a.000001', 100)
  write('a.000002', 95)
  write('b.000001', 0)
  write('a.000003', 0)
  const all = await log.readFrom(null)
  const middle = await readSegments(directory, START, { maximumBytes: 1 })
  expect(middle).toMatchObject({ more: true, events: { length: 2 } })
  await retain()
  appendFileSync(join(directory, 'a.000003.ndjson'), batchOf([sampleOutcome()]).content)
  expect((await log.readFrom(all.cursor)).events).toEqual([sampleOutcome()])
  const rest = await readSegments(directory, middle.cursor)
  expect(rest.events.map(({ producerId }) => producerId)).toEqual([
    'a.000003',
    'a.000003',
    sampleOutcome().producerId,
    'b.000001',
    'b.000001',
  ])
  // The record is read like a segment: what went is told, to this reader too.
  expect(Object.keys(rest.cursor.files)).toEqual(['a.000003.ndjson', 'b.000001.ndjson', 'retention.jsonl'])
  expect(rest.removed?.map(({ producerId }) => producerId)).toEqual(['a.000001', 'a.000002'])
  expect((await readSegments(directory)).events).toEqual(rest.events)
})

it('reads on while segments go', async () => {
  for (let i = 1; i <= 60; i++) write(`a.${String(i).padStart(6, '0')}`, 100)
  write('a.000061', 0)
  const removing = retain()
  const reads: number[] = []
  for (let i = 0; i < 60; i++) reads.push((await readSegments(directory)).events.length)
  await removing
  expect(reads.at(-1)).toBeGreaterThanOrEqual(2)
  expect((await readSegments(directory)).events).toHaveLength(2)
})

it('lets a writer go on by the number that it had, however much of it has gone', async () => {
  const sink = () => segmentSink({ directory, producerId: 'w', maximumSegmentBytes: 1, now: () => now })
  const old = sink()
  const at = now - 100 * DAY
  for (let sequence = 1; sequence <= 3; sequence++)
    await old.deliver(
      batchOf([sampleExposure({ producerId: `p${sequence}`, exposedAt: at, receivedAt: at })]),
    )
  await old.close()
  expect((await retain({ trustsClock: true })).removed).toHaveLength(2)
  const next = sink()
  await next.deliver(batchOf([sampleOutcome()]))
  await next.close()
  expect(segments()).toEqual(['w.000003.ndjson', 'w.000004.ndjson'])
})

it('lets a partition that lands in files go on by its offset, however many of them have gone', async () => {
  const origin = { topic: 'exposures', partition: 0 }
  const landed = (offset: number) => {
    const receivedAt = now - (100 - offset) * DAY
    const produced = { producerId: `p${offset}`, exposedAt: receivedAt, receivedAt }
    return `${JSON.stringify({ ...sampleExposure(produced), kafka: { ...origin, offset } })}\n`
  }
  const open = () => new PartitionFile(directory, origin, { maximumBytes: 1, maximumAgeMs: Infinity })
  const first = open()
  for (let offset = 1; offset <= 3; offset++) await first.append(landed(offset), offset + 1)
  await first.close()
  // The process died between making the next file and writing to it.
  writeFileSync(join(directory, 'exposures-0.000004.ndjson'), '')
  expect((await retain({ trustsClock: true })).removed).toHaveLength(2)
  const next = open()
  await next.open()
  expect(next.next).toBe(4)
  await next.append(landed(4), 5)
  await next.close()
  expect(segments()).toEqual(['exposures-0.000003.ndjson', 'exposures-0.000004.ndjson'])

  const aged = new PartitionFile(directory, origin, { maximumBytes: 1_000_000, maximumAgeMs: 20 })
  await aged.open()
  await sleep(30)
  await aged.append(landed(5), 6)
  await aged.close()
  expect(segments().at(-1)).toBe('exposures-0.000005.ndjson')
})

it('a file is done with when it is of an age, where the writer is told one', async () => {
  let time = Date.now()
  const sink = () => segmentSink({ directory, producerId: 'w', maximumSegmentAgeMs: DAY, now: () => time })
  const first = sink()
  await first.deliver(batchOf([sampleExposure()]))
  time += DAY - 60_000
  await first.deliver(batchOf([sampleExposure()]))
  await first.close()
  expect(segments()).toEqual(['w.000001.ndjson'])
  // A writer that starts again asks the file.
  time += 120_000
  const second = sink()
  await second.deliver(batchOf([sampleExposure()]))
  await second.close()
  expect(segments()).toEqual(['w.000001.ndjson', 'w.000002.ndjson'])
  expect(() => segmentSink({ directory, producerId: 'w', maximumSegmentAgeMs: 0 })).toThrow(
    /maximumSegmentAgeMs/,
  )
})

it('ends what was killed between the record and the removal, and records it once', async () => {
  const text = write('a.000001', 100)
  write('a.000002', 0)
  await retain()
  for (const end of [() => retain(), () => segmentRetention(directory).finish()]) {
    writeFileSync(join(directory, 'a.000001.ndjson'), text)
    await end()
    expect(segments()).toEqual(['a.000002.ndjson'])
    expect(await readRetentionRecord(directory)).toHaveLength(1)
  }
  // What has the name and is not what was recorded is somebody else's.
  write('a.000001', 1)
  await segmentRetention(directory).finish()
  expect(segments()).toHaveLength(2)
})

it('killed at random, it has removed nothing that is not recorded, and the next run ends it', async () => {
  const program = fileURLToPath(new URL('../../test/retain.ts', import.meta.url))
  const texts = new Map<string, string>()
  let partial = 0
  for (let round = 0; round < 4; round++) {
    for (let i = 1; i <= 250; i++) {
      const name = `r${round}.${String(i).padStart(6, '0')}`
      texts.set(`${name}.ndjson`, write(name, 100, {}, 20))
    }
    write(`r${round}.000999`, 0)
    const child = spawn(
      process.execPath,
      ['--conditions=@fairtrial/source', '--import', 'tsx', program, directory, `${now}`, `${90 * DAY}`],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    try {
      await once(child.stdout, 'data')
      // Until the first is gone, or the record begun; then at once.
      while (child.exitCode === null && segments().includes(`r${round}.000001.ndjson`)) await sleep(1)
    } finally {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    }
    const left = segments().filter((name) => texts.has(name))
    if (left.length > 0) partial++
    const recorded = new Map((await readRetentionRecord(directory)).map(({ name, sha256 }) => [name, sha256]))
    for (const [name, text] of texts) {
      if (left.includes(name)) continue
      expect(recorded.get(name)).toBe(createHash('sha256').update(text).digest('hex'))
    }
    // What the machine was in the middle of writing.
    appendFileSync(join(directory, 'retention.jsonl'), '{"schema":"fairtrial.removed/1","na')
    await retain()
    expect(segments().filter((name) => texts.has(name))).toEqual([])
    const names = (await readRetentionRecord(directory)).map(({ name }) => name)
    expect(names).toHaveLength(new Set(names).size)
    expect(names).toHaveLength(texts.size)
  }
  expect(partial).toBeGreaterThan(0)
}, 60_000)

it('takes no retention for none that is meant, and no name for none', async () => {
  expect(() => segmentRetention('')).toThrow(/directory of segments/)
  for (const olderThanMs of [0, -1, Number.NaN, undefined as never])
    await expect(retain({ olderThanMs })).rejects.toMatchObject({ code: 'invalid-argument' })
  await expect(retain({ by: '' })).rejects.toMatchObject({ code: 'invalid-argument' })
  rmSync(directory, { recursive: true })
  expect(await retain()).toMatchObject({ removed: [], stay: [] })
})

const disk = smallDiskForTests('1m')
afterAll(disk.remove)

describe.skipIf(disk.isMissing)('on a file system of 1 MB', () => {
  it('FAULTS 30: removes nothing while the disk is full or read-only, says so, and goes on when it is not', async () => {
    directory = disk.place
    write('a.000001', 100)
    write('a.000002', 0)
    disk.makeReadOnly()
    await expect(retain()).rejects.toMatchObject({
      code: 'io',
      message: expect.stringMatching(/EROFS.*permissions/s),
    })
    disk.makeWritable()
    const filler = disk.fill()
    await expect(retain()).rejects.toMatchObject({ code: 'io', message: expect.stringMatching(/ENOSPC/) })
    expect(segments()).toHaveLength(2)
    rmSync(filler)
    expect((await retain()).removed).toHaveLength(1)
    expect(segments()).toEqual(['a.000002.ndjson'])
    expect(await readRetentionRecord(disk.place)).toHaveLength(1)
  })
})

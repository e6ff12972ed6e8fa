import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { batchOf } from '../index.ts'
import { sampleExposure, sampleOutcome } from '../testing/index.ts'
import {
  isLogEvent,
  type RemovedSegment,
  readSegments,
  type SegmentCursor,
  segmentLog,
  START,
} from './index.ts'
import { appendRemoved } from './retention-record.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fairtrial-read-'))
})

afterEach(() => rmSync(directory, { recursive: true, force: true }))

function append(file: string, content: string | Uint8Array): void {
  appendFileSync(join(directory, file), content)
}

const exposure = (sequence: number) => sampleExposure({ sequence, unitId: `Zoë ${sequence}` })
const line = (sequence: number) => batchOf([exposure(sequence)]).content

it('reads only what stands behind the cursor, to the byte', async () => {
  append('a.000001.ndjson', line(1))
  append('a.000001.ndjson', line(2))
  const first = await readSegments(directory)
  const size = statSync(join(directory, 'a.000001.ndjson')).size
  expect(first).toMatchObject({
    bytesRead: size,
    cursor: { files: { 'a.000001.ndjson': size } },
    more: false,
  })
  expect(first.events).toEqual([exposure(1), exposure(2)])

  const idle = await readSegments(directory, first.cursor)
  expect(idle).toMatchObject({ events: [], bytesRead: 0, cursor: first.cursor })

  append('a.000001.ndjson', line(3))
  append('a.000002.ndjson', line(4))
  append('b.000001.ndjson', line(5))
  const next = await readSegments(directory, JSON.parse(JSON.stringify(first.cursor)) as SegmentCursor)
  expect(next.events).toEqual([exposure(3), exposure(4), exposure(5)])
  expect(next.bytesRead).toBe(3 * line(3).length)
})

it('takes a directory that is not there for an empty log', async () => {
  expect(await readSegments(join(directory, 'none'))).toEqual({
    events: [],
    cursor: START,
    bytesRead: 0,
    unreadable: { count: 0, samples: [] },
    removed: [],
    more: false,
  })
})

it('FAULTS 29: leaves a last line that is not complete for the next time, wherever it is torn', async () => {
  const bytes = line(2)
  append('a.000001.ndjson', line(1))
  let { cursor } = await readSegments(directory)
  for (let at = 0; at < bytes.length; at++) {
    append('a.000001.ndjson', bytes.subarray(at, at + 1))
    const read = await readSegments(directory, cursor)
    cursor = read.cursor
    expect(read.unreadable.count).toBe(0)
    expect(read.events).toEqual(at === bytes.length - 1 ? [exposure(2)] : [])
  }
})

it('counts lines that are no events, says where they are, and goes on', async () => {
  const good = new TextDecoder().decode(line(1))
  const bad = [
    '',
    '{',
    'null',
    '[]',
    '{"schema":"fairtrial.exposure/2"}',
    '\u0000\u0000',
    '{"schema":"fairtrial.outcome/1","é":1}',
  ]
  append('a.000001.ndjson', bad.map((text) => `${good}${text}\n`).join(''))
  append('b.000001.ndjson', '\n'.repeat(20))
  const { events, unreadable } = await readSegments(directory)
  expect(events).toHaveLength(bad.length)
  expect(unreadable.count).toBe(bad.length + 20)
  let offset = 0
  const expected = bad.map((text) => {
    const start = offset + Buffer.byteLength(good)
    offset = start + Buffer.byteLength(text) + 1
    return { file: 'a.000001.ndjson', offset: start }
  })
  expect(unreadable.samples).toEqual([
    ...expected,
    ...[0, 1, 2].map((at) => ({ file: 'b.000001.ndjson', offset: at })),
  ])
})

it('reads a long log in pieces, and each event once', async () => {
  const numbers = Array.from({ length: 900 }, (_, i) => i + 1)
  for (const file of ['a', 'b', 'c']) append(`${file}.000001.ndjson`, batchOf(numbers.map(exposure)).content)
  let cursor = START
  let reads = 0
  const seen: number[] = []
  for (let more = true; more; reads++) {
    const read = await readSegments(directory, cursor, { maximumBytes: 100_000 })
    seen.push(...read.events.map(({ sequence }) => sequence))
    cursor = read.cursor
    more = read.more
  }
  expect(seen).toEqual([...numbers, ...numbers, ...numbers])
  expect(reads).toBeGreaterThan(2)
  expect((await readSegments(directory, cursor)).bytesRead).toBe(0)
})

it('reads lines and files longer than it takes from disk at once', async () => {
  const slate = { slateId: 's', items: [{ itemId: 'é'.repeat(1_500_000), position: 0 }] }
  const events = Array.from({ length: 4_000 }, (_, i) =>
    i === 2_000 ? sampleExposure({ slate }) : exposure(i + 1),
  )
  append('a.000001.ndjson', batchOf(events).content)
  const read = await readSegments(directory)
  expect(read.events).toEqual(events)
  expect(read.bytesRead).toBe(statSync(join(directory, 'a.000001.ndjson')).size)
})

it('says so where a file has become shorter than what was read of it', async () => {
  append('a.000001.ndjson', line(1))
  const { cursor } = await readSegments(directory)
  writeFileSync(join(directory, 'a.000001.ndjson'), 'short')
  await expect(readSegments(directory, cursor)).rejects.toMatchObject({ code: 'io' })
})

it('looks at segments only', async () => {
  writeFileSync(join(directory, 'cursor.json'), '{}')
  append('a.000001.ndjson', line(1))
  const { events, unreadable } = await readSegments(directory)
  expect([events.length, unreadable.count]).toEqual([1, 0])
})

it('gives the same events however the log is cut into appends and reads', async () => {
  const all = Buffer.concat([1, 2, 3, 4, 5, 6].map(line))
  let file = 0
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(all.length), { maxLength: 8 }), async (cuts) => {
      const name = `a.${String(++file).padStart(6, '0')}.ndjson`
      let cursor: SegmentCursor = { files: {} }
      const events: unknown[] = []
      const bounds = [0, ...cuts, all.length].toSorted((a, b) => a - b)
      for (const [index, end] of bounds.entries()) {
        append(name, all.subarray(bounds[index - 1] ?? 0, end))
        const read = await readSegments(directory, cursor)
        cursor = read.cursor
        events.push(...read.events)
      }
      rmSync(join(directory, name))
      expect(events).toEqual([1, 2, 3, 4, 5, 6].map(exposure))
    }),
    { seed: 8, numRuns: 40 },
  )
})

it('takes an event that lacks what readers rely on for unreadable', () => {
  for (const event of [sampleExposure(), sampleOutcome()]) {
    expect(isLogEvent(event)).toBe(true)
    const needed =
      'exposureId' in event
        ? ['exposureId', 'experiment', 'variant', 'exposedAt']
        : ['outcomeId', 'name', 'value', 'occurredAt']
    for (const field of ['schema', 'unitId', 'producerId', 'sequence', ...needed]) {
      expect(isLogEvent({ ...event, [field]: undefined })).toBe(false)
    }
  }
})

const gone = (name: string, producers?: RemovedSegment['producers']): RemovedSegment => ({
  schema: 'fairtrial.removed/1',
  name,
  bytes: 1,
  sha256: name,
  events: 1,
  unreadable: 0,
  firstAt: 0,
  lastAt: 0,
  experiments: {},
  ...(producers !== undefined && { producers }),
  removedAt: 1,
  by: 'ada',
  olderThanMs: 1,
})

it('tells what retention took, from the beginning, and in the middle what has gone since', async () => {
  append('a.000003.ndjson', line(9))
  append('a.000004.ndjson', line(10))
  await appendRemoved(directory, [
    gone('a.000001.ndjson', { 'tv-1': 4, ['__proto__']: 2 }),
    gone('a.000002.ndjson', { 'tv-1': 8 }),
    // Of before the numbers were kept.
    gone('b.000001.ndjson'),
  ])
  const log = segmentLog(directory)
  const first = await log.readFrom(null)
  expect(first).toMatchObject({
    removed: [
      { producerId: 'tv-1', upTo: 8 },
      { producerId: '__proto__', upTo: 2 },
    ],
    unreadableLines: 0,
  })
  expect(first.bytesRead).toBe(line(9).length + line(10).length)
  expect((await log.readFrom(first.cursor)).removed).toEqual([])

  // A reader that has one of two portions, when the second goes.
  const half = await readSegments(directory, START, { maximumBytes: 1 })
  expect(half).toMatchObject({ more: true, removed: [{ upTo: 8 }, { upTo: 2 }] })
  await appendRemoved(directory, [gone('a.000004.ndjson', { 'tv-1': 10 })])
  rmSync(join(directory, 'a.000004.ndjson'))
  const rest = await readSegments(directory, half.cursor)
  expect(rest).toMatchObject({ events: [], removed: [{ producerId: 'tv-1', upTo: 10 }], more: false })
  // And whoever reads the log as it was at the first reading is told what was told then.
  const again = await readSegments(directory, START, { until: first.cursor })
  expect(again.removed).toEqual(first.removed)
  expect((await readSegments(directory, START, { until: { files: {} } })).removed).toEqual([])
})

it('FAULTS 39: reads on where the record of what went is torn, cut or no record: it counts the lines, and never throws', async () => {
  const record = (text: string) => append('retention.jsonl', text)
  record('not json\n{"schema":"fairtrial.removed/1","name":7}\n')
  record(`${JSON.stringify(gone('a', { 'tv-1': 3 }))}\n`)
  record('{"schema":"fairtrial.removed/1","name":"b","producers":{"tv-1":"many","tv-2":1.5,"tv-3":null}}\n')
  record('{"schema":"fairtrial.removed/1","name":"c","producers":null}\n')
  const whole = JSON.stringify(gone('d', { 'tv-4': 5 }))
  record(whole.slice(0, 40))
  const first = await readSegments(directory)
  expect(first).toMatchObject({
    removed: [{ producerId: 'tv-1', upTo: 3 }],
    unreadable: { count: 2, samples: [{ file: 'retention.jsonl', offset: 0 }, { offset: 9 }] },
  })
  record(`${whole.slice(40)}\n`)
  const next = await readSegments(directory, first.cursor)
  expect(next).toMatchObject({ removed: [{ producerId: 'tv-4', upTo: 5 }], unreadable: { count: 0 } })
  // Somebody has written it anew.
  writeFileSync(join(directory, 'retention.jsonl'), `${whole}\n`)
  const anew = await readSegments(directory, next.cursor)
  expect(anew.removed).toEqual([{ producerId: 'tv-4', upTo: 5 }])
  rmSync(join(directory, 'retention.jsonl'))
  expect(await readSegments(directory, anew.cursor)).toMatchObject({ removed: [], cursor: START })
})

import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { batchOf, createRecorder } from '../index.ts'
import { sampleArm, sampleExposure, sampleOutcome, sinkContract } from '../testing/index.ts'
import { segmentSink } from './index.ts'

const made: string[] = []

function freshDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'fairtrial-segments-'))
  made.push(directory)
  return directory
}

afterEach(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true })
})

function linesIn(directory: string): string[] {
  const files = readdirSync(directory).toSorted()
  return files.flatMap((file) => readFileSync(join(directory, file), 'utf8').split('\n').slice(0, -1))
}

describe.each(['always', 'interval', 'never'] as const)('segmentSink, sync %s,', (sync) => {
  const contract = sinkContract(async () => {
    const directory = freshDirectory()
    const sink = segmentSink({ directory, producerId: 'p', sync, maximumSegmentBytes: 2_000 })
    return { sink, lines: async () => linesIn(directory) }
  })
  for (const { name, run } of contract) it(name, run)
})

it('goes on to a next file before one becomes too large, in names that sort', async () => {
  const directory = join(freshDirectory(), 'made', 'when', 'needed')
  const sink = segmentSink({ directory, producerId: 'api-1', maximumSegmentBytes: 1_000 })
  for (let sequence = 1; sequence <= 12; sequence++)
    await sink.deliver(batchOf([sampleExposure({ sequence })]))
  await sink.close()
  const files = readdirSync(directory)
  expect(files).toEqual([
    'api-1.000001.ndjson',
    'api-1.000002.ndjson',
    'api-1.000003.ndjson',
    'api-1.000004.ndjson',
    'api-1.000005.ndjson',
    'api-1.000006.ndjson',
  ])
  for (const file of files) expect(readFileSync(join(directory, file)).length).toBeLessThanOrEqual(1_000)
  expect(linesIn(directory).map((line) => JSON.parse(line).sequence)).toEqual(
    [...Array(12).keys()].map((i) => i + 1),
  )
})

it('FAULTS 29: cuts a torn tail before it appends, at every length of the tear', async () => {
  const [whole, torn, next] = [1, 2, 3].map((sequence) => sampleExposure({ sequence, unitId: 'Zoë' }))
  const tornBytes = batchOf([torn!]).content
  for (let length = 0; length < tornBytes.length; length += 37) {
    const directory = freshDirectory()
    const file = join(directory, 'p.000001.ndjson')
    writeFileSync(file, batchOf([whole!]).content)
    appendFileSync(file, tornBytes.subarray(0, length))
    const sink = segmentSink({ directory, producerId: 'p' })
    await sink.deliver(batchOf([next!]))
    await sink.close()
    expect(linesIn(directory).map((line) => JSON.parse(line))).toEqual([whole, next])
  }
})

it('FAULTS 29: cuts a file that is torn from its beginning, and a tail longer than it reads at once', async () => {
  const directory = freshDirectory()
  const file = join(directory, 'p.000001.ndjson')
  for (const whole of ['', `${JSON.stringify(sampleExposure())}\n`]) {
    writeFileSync(file, whole + 'x'.repeat(200_000))
    const sink = segmentSink({ directory, producerId: 'p' })
    await sink.deliver(batchOf([sampleOutcome()]))
    await sink.close()
    expect(readFileSync(file, 'utf8')).toBe(`${whole}${JSON.stringify(sampleOutcome())}\n`)
  }
})

it('continues the last file of its own, and leaves those of others alone', async () => {
  const directory = freshDirectory()
  writeFileSync(join(directory, 'p.000007.ndjson'), '')
  writeFileSync(join(directory, 'p.other.000009.ndjson'), 'torn')
  const sink = segmentSink({ directory, producerId: 'p' })
  await sink.deliver(batchOf([sampleExposure()]))
  await sink.close()
  expect(readFileSync(join(directory, 'p.000007.ndjson'), 'utf8')).toBe(
    `${JSON.stringify(sampleExposure())}\n`,
  )
  expect(readFileSync(join(directory, 'p.other.000009.ndjson'), 'utf8')).toBe('torn')
})

it('says what is wrong with a directory, and delivers once it is mended', async () => {
  const directory = join(freshDirectory(), 'log')
  writeFileSync(directory, 'a file stands here')
  const sink = segmentSink({ directory, producerId: 'p' })
  await expect(sink.deliver(batchOf([sampleExposure()]))).rejects.toMatchObject({ code: 'io' })
  rmSync(directory)
  expect(await sink.deliver(batchOf([sampleExposure()]))).toEqual({ rejected: [] })
  await sink.close()
  expect(linesIn(directory)).toHaveLength(1)
})

it('refuses a producer id that is no file name', () => {
  for (const producerId of ['', '../up', 'a b', 'x'.repeat(129), undefined as never]) {
    expect(() => segmentSink({ directory: 'log', producerId })).toThrow(/producerId/)
  }
})

it('refuses what would write nowhere, or without an end', () => {
  for (const [options, message] of [
    [{ directory: '' }, /segmentSink\.directory is ""\. Give the directory/],
    [{ directory: undefined }, /segmentSink\.directory is undefined/],
    [{ sync: 'sometimes' }, /segmentSink\.sync is "sometimes"\. Give always or interval or never/],
    [{ maximumSegmentBytes: Number.NaN }, /segmentSink\.maximumSegmentBytes is NaN/],
    [{ maximumSegmentBytes: 0 }, /segmentSink\.maximumSegmentBytes is 0\. Give a number above 0/],
  ] as const) {
    const refusal = expect.objectContaining({
      code: 'invalid-argument',
      message: expect.stringMatching(message),
    })
    expect(() => segmentSink({ directory: 'log', producerId: 'p', ...options } as never)).toThrow(refusal)
  }
})

it('delivered is what stands on disk, line for line', async () => {
  const directory = freshDirectory()
  const recorder = createRecorder({
    sink: segmentSink({ directory, producerId: 'p', maximumSegmentBytes: 100_000 }),
    producerId: 'p',
    queue: { maximumEvents: 1_000 },
  })
  for (let i = 0; i < 5_000; i++) {
    recorder.expose(sampleArm({ unitId: `viewer-${i % 1_700}` }))
    recorder.track({ name: 'started', unitType: 'viewer', unitId: `viewer-${i % 1_700}` })
    if (i % 600 === 599) await recorder.flush()
  }
  const { exposures, outcomes, delivered, dropped } = await recorder.close()
  const events = linesIn(directory).map((line) => JSON.parse(line) as { schema: string; sequence: number })
  expect(events.filter(({ schema }) => schema === 'fairtrial.exposure/1')).toHaveLength(exposures.delivered)
  expect(events.filter(({ schema }) => schema === 'fairtrial.outcome/1')).toHaveLength(outcomes.delivered)
  expect(delivered).toBe(events.length)
  // What was refused shows in the log, too: as numbers that never came.
  expect(dropped['queue-full']).toBeGreaterThan(0)
  const last = Math.max(...events.map(({ sequence }) => sequence))
  expect(last - events.length).toBeLessThanOrEqual(dropped['queue-full'])
  expect(last).toBeGreaterThan(events.length)
})

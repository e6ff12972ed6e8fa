import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ExperimentError } from '@fairtrial/protocol/error'
import { afterEach, expect, it } from 'vitest'
import { createRecorder, type EventBatch, memorySink, type RecorderOptions, type Sink } from './index.ts'
import { fileSpool } from './spool/index.ts'
import { fakeClock, sampleArm } from './testing/index.ts'

const directories: string[] = []
afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true })
})

async function newDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'fairtrial-recorder-'))
  directories.push(directory)
  return directory
}

/** A sink that is down until it is told otherwise. */
function gatedSink() {
  const memory = memorySink()
  const gate = { isOpen: false, failure: new Error('down') as Error, tries: 0 }
  const sink: Sink = {
    deliver: async (batch) => {
      gate.tries++
      if (!gate.isOpen) throw gate.failure
      return memory.deliver(batch)
    },
    close: memory.close,
  }
  return { sink, gate, memory }
}

async function recorderIn(directory: string, options: Partial<RecorderOptions> & { sink: Sink }) {
  const recorder = createRecorder({
    spool: fileSpool({ directory }),
    report: false,
    retry: { baseMs: 1, capMs: 5, deadlineMs: 1_000 },
    batch: { lingerMs: 5 },
    ...options,
  })
  await recorder.opened()
  return recorder
}

const unit = (i: number) => sampleArm({ unitId: `viewer-${i}` })
const started = (i: number) => ({ name: 'started', unitType: 'viewer', unitId: `viewer-${i}` })
const unitsOf = (lines: readonly string[]) => lines.map((line) => JSON.parse(line).unitId as string)

it('acknowledges an event as soon as it is in the spool, though the sink is down', async () => {
  const { sink, gate, memory } = gatedSink()
  const recorder = await recorderIn(await newDirectory(), { sink })
  const receipt = recorder.expose(unit(1))
  expect(receipt.recorded).toBe('queued')
  expect(await receipt.durable).toBe(true)
  expect(memory.lines).toEqual([])
  expect(recorder.account()).toMatchObject({ pending: 1, pendingIn: { queued: 0 } })
  const again = recorder.expose(unit(1))
  expect(again.recorded).toBe('deduplicated')
  expect(await again.durable).toBe(true)
  gate.isOpen = true
  expect(await recorder.flush()).toMatchObject({ delivered: 1, deduplicated: 1, pending: 0 })
  await recorder.close()
  expect(await recorder.expose(unit(2)).durable).toBe(false)
})

it('acknowledges without a spool what was delivered, and not what was lost', async () => {
  const { sink, gate } = gatedSink()
  const clock = fakeClock()
  const recorder = createRecorder({
    sink,
    clock,
    timers: clock,
    report: false,
    retry: { deadlineMs: 1_000 },
    queue: { maximumEvents: 1 },
  })
  const lost = recorder.expose(unit(1)).durable
  const refused = recorder.expose(unit(2))
  const repeated = recorder.expose(unit(1)).durable
  expect([refused.recorded, await refused.durable]).toEqual(['dropped', false])
  await clock.advance(2_000)
  expect([await lost, await repeated]).toEqual([false, false])
  gate.isOpen = true
  const receipt = recorder.expose(unit(1))
  const kept = receipt.durable
  // No linger: whoever asks is not kept waiting for company.
  await clock.advance(0)
  expect(await kept).toBe(true)
  expect(await receipt.durable).toBe(true)
  expect(await recorder.expose(unit(1)).durable).toBe(true)
})

it('asks for one group of all that came at once', async () => {
  const { sink } = gatedSink()
  const directory = await newDirectory()
  const spool = fileSpool({ directory })
  const counts: number[] = []
  const recorder = await recorderIn(directory, {
    sink,
    spool: { ...spool, append: (batch, beside) => (counts.push(batch.count), spool.append(batch, beside)) },
  })
  const answers = Array.from({ length: 100 }, (_, i) => recorder.expose(unit(i)).durable)
  expect(new Set(await Promise.all(answers))).toEqual(new Set([true]))
  expect(counts).toEqual([100])
  await recorder.close(0)
})

it('FAULTS 28: what is not delivered at the deadline of close stays spooled, pending, and goes out next time', async () => {
  const directory = await newDirectory()
  const { sink } = gatedSink()
  const first = await recorderIn(directory, { sink, producerId: 'first' })
  for (let i = 0; i < 50; i++) first.expose(unit(i))
  first.expose(unit(1))
  const account = await first.close(30)
  expect(account).toMatchObject({
    offered: 51,
    delivered: 0,
    deduplicated: 1,
    pending: 50,
    pendingIn: { queued: 0, inFlight: 0, spooled: 50 },
  })

  const { sink: next, gate, memory } = gatedSink()
  const second = await recorderIn(directory, { sink: next, producerId: 'second' })
  expect(second.account()).toMatchObject({ offered: 51, deduplicated: 1, pending: 50 })
  second.expose(unit(50))
  gate.isOpen = true
  expect(await second.close()).toMatchObject({ offered: 52, delivered: 51, deduplicated: 1, pending: 0 })
  expect(unitsOf(memory.lines)).toEqual(Array.from({ length: 51 }, (_, i) => `viewer-${i}`))

  const third = await recorderIn(directory, { sink: memorySink() })
  expect(third.account()).toMatchObject({ offered: 52, delivered: 51, deduplicated: 1, pending: 0 })
  await third.close()
})

it('FAULTS 22: starts while the sink is down, and holds a backlog on disk that memory has no room for', async () => {
  const { sink, gate, memory } = gatedSink()
  const recorder = await recorderIn(await newDirectory(), {
    sink,
    queue: { maximumEvents: 1_000, maximumBytes: 500_000 },
    batch: { maximumEvents: 200, maximumBytes: 100_000 },
  })
  for (let i = 0; i < 10_000; i++) {
    expect(recorder.expose(unit(i)).recorded).toBe('queued')
    if (i % 200 === 199) await recorder.expose(unit(i)).durable
  }
  const { queue, status, reasons, spool } = recorder.health()
  expect(queue.events).toBe(0)
  expect(spool?.events).toBe(10_000)
  expect(status).toBe('degraded')
  expect(reasons).toMatchObject([{ code: 'sink-failing', message: 'down', forMs: expect.any(Number) }])
  gate.isOpen = true
  expect(await recorder.close(30_000)).toMatchObject({ delivered: 10_000, pending: 0 })
  expect(unitsOf(memory.lines)).toEqual(Array.from({ length: 10_000 }, (_, i) => `viewer-${i}`))
  expect(recorder.health()).toMatchObject({ status: 'healthy', reasons: [] })
})

it('FAULTS 31: at its cap the spool refuses outcomes, then exposures, counts them, and keeps all it has', async () => {
  const { sink, gate, memory } = gatedSink()
  const directory = await newDirectory()
  const spool = fileSpool({ directory, maximumBytes: 60_000 })
  const recorder = await recorderIn(directory, { sink, spool })
  const acknowledged: string[] = []
  let firstRefused: string | undefined
  for (let i = 0; i < 200; i++) {
    for (const [kind, receipt] of [
      ['outcome', recorder.track(started(i))],
      ['exposure', recorder.expose(unit(i))],
    ] as const) {
      if (receipt.recorded === 'dropped') firstRefused ??= kind
      if (await receipt.durable) acknowledged.push(`${kind} viewer-${i}`)
    }
  }
  expect(firstRefused).toBe('outcome')
  const { exposures, outcomes, health } = { ...recorder.account(), health: recorder.health() }
  expect(outcomes.dropped['spool-full']).toBeGreaterThan(exposures.dropped['spool-full'])
  expect(exposures.dropped['spool-full']).toBeGreaterThan(0)
  expect(exposures.pending + outcomes.pending).toBe(acknowledged.length)
  expect(health).toMatchObject({ status: 'failing', reasons: [{}, { code: 'spool-filling' }] })
  expect(health.spool?.share).toBeLessThanOrEqual(1)
  gate.isOpen = true
  expect(await recorder.close()).toMatchObject({ delivered: acknowledged.length, pending: 0 })
  const stored = memory
    .events()
    .map((event) => `${'exposureId' in event ? 'exposure' : 'outcome'} ${'unitId' in event && event.unitId}`)
  expect(stored).toEqual(acknowledged)
})

it('FAULTS 26: splits a batch that is too large, and refuses the line that is too large alone', async () => {
  const directory = await newDirectory()
  const memory = memorySink()
  const sizes: number[] = []
  const sink: Sink = {
    deliver: async (batch: EventBatch) => {
      sizes.push(batch.count)
      if (batch.content.length > 3_000)
        throw new ExperimentError('too-large', 'The batch is too large.', 'Split it.')
      return memory.deliver(batch)
    },
    close: memory.close,
  }
  const warnings: unknown[] = []
  const recorder = await recorderIn(directory, { sink, onDrop: (warning) => warnings.push(warning) })
  for (let i = 0; i < 20; i++) recorder.expose(i === 7 ? sampleArm({ unitId: 'v'.repeat(4_000) }) : unit(i))
  expect(await recorder.close()).toMatchObject({ delivered: 19, dropped: { rejected: 1 }, pending: 0 })
  expect(memory.lines).toHaveLength(19)
  expect(sizes[0]).toBe(20)
  expect(warnings).toMatchObject([{ reason: 'rejected', cause: { line: 8, code: 'too-large' } }])
  const letter = JSON.parse(readFileSync(join(directory, 'rejected.ndjson'), 'utf8'))
  expect(letter).toMatchObject({ code: 'too-large', detail: expect.stringContaining('too large') })
  expect(JSON.parse(letter.line).unitId).toHaveLength(4_000)
})

it('FAULTS 26: fails at once where a sink is misconfigured, tries slowly, and loses nothing', async () => {
  const { sink, gate } = gatedSink()
  gate.failure = new ExperimentError('misconfigured', 'The topic is unknown.', 'Create it.')
  const clock = fakeClock()
  const recorder = createRecorder({
    sink,
    clock,
    timers: clock,
    report: false,
    spool: fileSpool({ directory: await newDirectory() }),
  })
  await recorder.opened()
  expect(await recorder.expose(unit(1)).durable).toBe(true)
  await clock.advance(60_000)
  expect(recorder.health()).toMatchObject({
    status: 'failing',
    reasons: [{ code: 'sink-misconfigured', message: 'The topic is unknown. Create it.', forMs: 60_000 }],
  })
  expect(gate.tries).toBeLessThanOrEqual(1 + 60_000 / 5_000)
  expect(recorder.account()).toMatchObject({ pending: 1 })
  gate.isOpen = true
  await clock.advance(10_000)
  expect(recorder.account()).toMatchObject({ delivered: 1, pending: 0 })
  expect(recorder.health()).toMatchObject({ status: 'healthy', reasons: [] })
})

it('FAULTS 30: goes on in memory where the spool cannot be opened, and uses it once it can', async () => {
  const directory = await newDirectory()
  const place = join(directory, 'spool')
  writeFileSync(place, 'a file where the directory should be')
  const { sink, gate, memory } = gatedSink()
  const clock = fakeClock()
  const recorder = createRecorder({
    sink,
    clock,
    timers: clock,
    report: false,
    spool: fileSpool({ directory: place }),
  })
  await expect(recorder.opened()).rejects.toMatchObject({ code: 'io' })
  const early = recorder.expose(unit(1))
  expect(early.recorded).toBe('queued')
  await clock.advance(300)
  expect(recorder.health()).toMatchObject({
    status: 'failing',
    reasons: [{ code: 'sink-failing' }, { code: 'spool-failing', message: expect.stringContaining(place) }],
  })
  await rm(place)
  mkdirSync(place)
  chmodSync(place, 0o700)
  await clock.advance(1_000)
  await recorder.opened()
  expect(await recorder.expose(unit(2)).durable).toBe(true)
  expect(recorder.account()).toMatchObject({ pending: 2 })
  gate.isOpen = true
  await clock.advance(20_000)
  expect(await early.durable).toBe(true)
  expect(recorder.health().status).toBe('healthy')
  expect(unitsOf(memory.lines).toSorted()).toEqual(['viewer-1', 'viewer-2'])
})

it('FAULTS 32: a second recorder on the same spool goes on in memory, and takes over when the first has closed', async () => {
  const directory = await newDirectory()
  const first = await recorderIn(directory, { sink: gatedSink().sink, producerId: 'first' })
  first.expose(unit(1))
  const memory = memorySink()
  const clock = fakeClock()
  const second = createRecorder({
    sink: memory,
    clock,
    timers: clock,
    report: false,
    spool: fileSpool({ directory }),
  })
  await expect(second.opened()).rejects.toMatchObject({ code: 'refused' })
  expect(await second.expose(unit(2)).durable).toBe(true)
  expect(unitsOf(memory.lines)).toEqual(['viewer-2'])
  await first.close(0)
  await clock.advance(1_000)
  expect(await second.opened()).toMatchObject({ offered: 2, delivered: 1 })
  expect(await second.close()).toMatchObject({ offered: 2, delivered: 2, pending: 0 })
  expect(unitsOf(memory.lines)).toEqual(['viewer-2', 'viewer-1'])
  expect(await readFile(join(directory, 'progress'))).not.toHaveLength(0)
})

it('FAULTS 24: a sink that takes ten seconds a batch has one under way, and whoever exposes does not wait', async () => {
  const clock = fakeClock()
  const memory = memorySink()
  let underWay = 0
  const sink: Sink = {
    deliver: async (batch) => {
      expect(++underWay).toBe(1)
      await new Promise<void>((resolve) => void clock.start(resolve, 10_000, false))
      underWay--
      return memory.deliver(batch)
    },
    close: memory.close,
  }
  const recorder = createRecorder({
    sink,
    clock,
    timers: clock,
    report: false,
    spool: fileSpool({ directory: await newDirectory() }),
    queue: { maximumEvents: 1_000 },
    batch: { maximumEvents: 100 },
  })
  await recorder.opened()
  for (let i = 0; i < 3_000; i++) {
    expect(recorder.expose(unit(i)).recorded).toBe('queued')
    if (i % 500 === 499) await recorder.expose(unit(i)).durable
  }
  await clock.advance(5_000)
  expect(recorder.account().pendingIn).toEqual({ queued: 0, inFlight: 100, spooled: 2_900 })
  expect(recorder.health()).toMatchObject({ queue: { events: 0 }, spool: { events: 3_000 } })
  // Batch after batch is read back from the disk, which takes turns of the real event loop.
  while (recorder.account().pending > 0) await clock.advance(1_000)
  expect(unitsOf(memory.lines)).toEqual(Array.from({ length: 3_000 }, (_, i) => `viewer-${i}`))
  const closing = recorder.close()
  await clock.advance(0)
  await closing
})

it('FAULTS 38: a wall clock that jumps changes no wait, no deadline and no duration', async () => {
  const clock = fakeClock()
  let wall = clock.now()
  const tries: number[] = []
  const recorder = createRecorder({
    sink: {
      deliver: async () => {
        tries.push(clock.now())
        throw new Error('down')
      },
      close: async () => {},
    },
    clock: { now: () => wall, monotonic: clock.now },
    timers: clock,
    random: () => 0.5,
    report: false,
    spool: fileSpool({ directory: await newDirectory() }),
    retry: { baseMs: 100, capMs: 1_000 },
  })
  await recorder.opened()
  const start = clock.now()
  await recorder.expose(unit(1)).durable
  for (const jump of [-10, 20, -5]) {
    wall += jump * 365 * 86_400_000
    await clock.advance(1_000)
  }
  const waits = tries.slice(1).map((at, index) => at - tries[index]!)
  expect(waits.slice(0, 6)).toEqual([50, 100, 200, 400, 500, 500])
  expect(recorder.health().reasons).toMatchObject([{ code: 'sink-failing', forMs: clock.now() - start }])
  const closing = recorder.close(0)
  await clock.advance(0)
  expect(await closing).toMatchObject({ pending: 1 })
})

it('takes no more of the disk once it is closed and nothing is pending, and health says so', async () => {
  const directory = await newDirectory()
  const { sink, gate } = gatedSink()
  gate.isOpen = true
  const recorder = await recorderIn(directory, { sink })
  for (let i = 0; i < 100; i++) recorder.expose(unit(i))
  await recorder.flush()
  // Settled, and not yet let go of: the segment that is being written stays until it is full.
  expect(recorder.health().spool).toMatchObject({ events: 0, bytes: expect.any(Number) })
  expect(recorder.health().spool!.bytes).toBeGreaterThan(0)
  await recorder.close()
  expect(recorder.health().spool).toEqual({ events: 0, bytes: 0, share: 0 })
})

it('still tells what it left in the spool when it is closed', async () => {
  const { sink } = gatedSink()
  const recorder = await recorderIn(await newDirectory(), { sink })
  recorder.expose(unit(1))
  await recorder.close(20)
  expect(recorder.health().spool).toMatchObject({ events: 1 })
  expect(recorder.health().spool!.bytes).toBeGreaterThan(0)
})

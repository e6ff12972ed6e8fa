import { type ExposureEvent, parseLogEvent, type ProducerReport } from '@fairtrial/protocol'
import { expect, it } from 'vitest'
import { createRecorder, memorySink, type RecorderOptions, type Sink } from './index.ts'
import { fakeClock, sampleArm, seededRandom } from './testing/index.ts'

function recorderWith(options: Partial<RecorderOptions> = {}) {
  const clock = fakeClock()
  const sink = memorySink()
  const random = seededRandom(1)
  const recorder = createRecorder({ sink, clock, timers: clock, random, producerId: 'p', ...options })
  const reports = () =>
    sink.events().filter((event): event is ProducerReport => event.schema === 'fairtrial.producer/1')
  return { clock, sink, recorder, reports }
}

const started = { name: 'started', unitType: 'viewer', unitId: 'viewer-1' }
const arm = { experiment: 'home-ranking', phase: 1, variant: 'session-model' }

it('reports every minute while something changes, and once more at the end, as the last number', async () => {
  const { clock, sink, recorder, reports } = recorderWith()
  await clock.advance(600_000)
  expect(reports()).toEqual([])
  recorder.expose(sampleArm())
  recorder.expose(sampleArm())
  await clock.advance(60_000)
  await clock.advance(600_000)
  expect(reports()).toMatchObject([
    { sequence: 2, isFinal: false, offered: 2, delivered: 1, deduplicated: 1, pending: 0, dropped: {} },
  ])
  recorder.track(started)
  const account = await recorder.close()
  expect(reports().at(-1)).toMatchObject({
    sequence: 4,
    isFinal: true,
    offered: 4,
    delivered: 3,
    deduplicated: 1,
    pending: 0,
    arms: [{ ...arm, offered: 2, numbered: 1, deduplicated: 1, dropped: 0 }],
  })
  expect(account).toMatchObject({ summaries: { offered: 2, delivered: 2 }, pending: 0 })
  for (const event of sink.events()) expect(parseLogEvent(event)).toMatchObject({ ok: true })
  expect(sink.events().at(-1)).toMatchObject({ isFinal: true, reportedAt: clock.now() })
})

it('reports an exposure that was deduplicated, though nothing else happened', async () => {
  const { clock, recorder, reports } = recorderWith()
  recorder.expose(sampleArm())
  await clock.advance(300_000)
  recorder.expose(sampleArm())
  await clock.advance(61_000)
  expect(reports().map(({ deduplicated }) => deduplicated)).toEqual([0, 1])
})

it('reports a loss that comes to light long after the call', async () => {
  let isDown = true
  const memory = memorySink()
  const sink: Sink = {
    deliver: (batch) => (isDown ? Promise.reject(new Error('down')) : memory.deliver(batch)),
    close: memory.close,
  }
  const { clock, recorder } = recorderWith({ sink, retry: { deadlineMs: 90_000 } })
  recorder.expose(sampleArm())
  await clock.advance(100_000)
  isDown = false
  await clock.advance(300_000)
  const reports = memory.events() as ProducerReport[]
  expect(reports.at(-1)).toMatchObject({
    dropped: { deadline: 1 },
    arms: [{ ...arm, offered: 1, numbered: 1, dropped: 1 }],
  })
})

it('counts by arm what was refused, and numbers the exposures of an arm with the gaps that tell of it', async () => {
  const { clock, sink, recorder, reports } = recorderWith({ queue: { maximumEvents: 2 } })
  for (const unitId of ['a', 'b', 'c']) recorder.expose(sampleArm({ unitId }))
  expect(recorder.expose(sampleArm({ unitId: 'd' }), { exposedAt: Number.NaN }).recorded).toBe('dropped')
  await clock.advance(1_000)
  recorder.expose(sampleArm({ unitId: 'c', variant: 'control' }))
  recorder.expose(sampleArm({ unitId: 'c' }))
  await clock.advance(1_000)
  recorder.expose(sampleArm({ unitId: 'a', phase: 2 }))
  await recorder.close()
  expect(recorder.expose(sampleArm({ unitId: 'e' })).recorded).toBe('closed')
  const exposures = sink.events().filter((event): event is ExposureEvent => 'exposureId' in event)
  expect(exposures.map((one) => [one.variant, one.phase, one.armSequence])).toEqual([
    ['session-model', 1, 1],
    ['session-model', 1, 2],
    ['control', 1, 1],
    ['session-model', 1, 4],
    ['session-model', 2, 1],
  ])
  expect(reports().at(-1)?.arms).toEqual([
    { ...arm, offered: 5, numbered: 4, deduplicated: 0, dropped: 2 },
    { ...arm, variant: 'control', offered: 1, numbered: 1, deduplicated: 0, dropped: 0 },
    { ...arm, phase: 2, offered: 1, numbered: 1, deduplicated: 0, dropped: 0 },
  ])
})

it('tells the assignments served, of arms too that nobody met', async () => {
  const { clock, recorder, reports } = recorderWith()
  let count = 0
  recorder.reportAssigned(() => [
    { ...arm, count },
    { ...arm, variant: 'control', count: 3 * count },
  ])
  await clock.advance(120_000)
  expect(reports()).toEqual([])
  count = 5
  await clock.advance(60_000)
  recorder.expose(sampleArm())
  await recorder.close()
  const nobody = { offered: 0, numbered: 0, deduplicated: 0, dropped: 0 }
  expect(reports().map(({ arms }) => arms)).toEqual([
    [
      { ...arm, ...nobody, assigned: 5 },
      { ...arm, variant: 'control', ...nobody, assigned: 15 },
    ],
    [
      { ...arm, ...nobody, offered: 1, numbered: 1, assigned: 5 },
      { ...arm, variant: 'control', ...nobody, assigned: 15 },
    ],
  ])
  const broken = recorderWith()
  broken.recorder.reportAssigned(() => {
    throw new Error('not yet')
  })
  broken.recorder.expose(sampleArm())
  await broken.recorder.close()
  expect(broken.reports()).toMatchObject([{ isFinal: true }])
})

it('reports nothing where nothing happened, or where no reports are wanted, and in its own time', async () => {
  const idle = recorderWith()
  await idle.recorder.close()
  expect(idle.sink.lines).toEqual([])
  const silent = recorderWith({ report: false })
  silent.recorder.expose(sampleArm())
  await silent.clock.advance(120_000)
  await silent.recorder.close()
  expect(silent.reports()).toEqual([])
  expect(silent.sink.lines).toHaveLength(1)
  const often = recorderWith({ report: { everyMs: 1_000 } })
  often.recorder.expose(sampleArm())
  await often.clock.advance(2_000)
  expect(often.reports()).toHaveLength(1)
  expect(() => recorderWith({ report: { everyMs: Number.NaN } })).toThrow(/report\.everyMs is NaN/)
})

it('a tail that was lost is seen: no final report, or numbers behind it', async () => {
  const clock = fakeClock()
  const memory = memorySink()
  const slow: Sink = {
    deliver: async (batch) => {
      await new Promise<void>((resolve) => void clock.start(resolve, 400, false))
      return memory.deliver(batch)
    },
    close: memory.close,
  }
  const { recorder } = recorderWith({ sink: slow, clock, timers: clock, batch: { maximumEvents: 10 } })
  for (let i = 0; i < 100; i++) recorder.expose(sampleArm({ unitId: `viewer-${i}` }))
  const closing = recorder.close(1_000)
  await clock.advance(1_000)
  const account = await closing
  expect(memory.events().every((event) => 'exposureId' in event)).toBe(true)
  // The report itself was given up with the rest: it tells of nothing that it could not have told.
  expect(account).toMatchObject({ summaries: { dropped: { shutdown: 1 } }, pending: 0 })
})

import { exposureId } from '@fairtrial/protocol/exposure-id'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  type Account,
  createRecorder,
  memorySink,
  type RecorderOptions,
  type Sink,
  type Tally,
} from './index.ts'
import { fakeClock, faultSink, sampleArm, seededRandom } from './testing/index.ts'

function recorderWith(options: Partial<RecorderOptions> = {}) {
  const clock = fakeClock()
  const sink = memorySink()
  const recorder = createRecorder({
    sink,
    clock,
    timers: clock,
    random: seededRandom(1),
    producerId: 'p',
    sdk: 'test/1',
    // Their own test is in producer-reports.test.ts; here every event is one that was offered.
    report: false,
    ...options,
  })
  return { clock, sink, recorder }
}

const started = { name: 'started', unitType: 'viewer', unitId: 'viewer-1' }
const thrown = (): never => {
  throw new Error('hostile')
}
const broken: Sink = { deliver: () => Promise.reject(new Error('down')), close: async () => {} }

function expectBalanced(account: Account): void {
  for (const tally of [account, account.exposures, account.outcomes] satisfies Tally[]) {
    const dropped = Object.values(tally.dropped).reduce((sum, count) => sum + count, 0)
    expect(tally.delivered + tally.deduplicated + dropped + tally.pending).toBe(tally.offered)
    expect(Math.min(tally.delivered, tally.pending)).toBeGreaterThanOrEqual(0)
  }
}

it('records exposures and outcomes under one sequence, with ids that can be told beforehand', async () => {
  const { recorder, sink, clock } = recorderWith()
  expect(recorder.expose(sampleArm()).recorded).toBe('queued')
  expect(recorder.track(started).recorded).toBe('queued')
  expect(recorder.track({ ...started, value: 7, outcomeId: 'own', occurredAt: 5 }).recorded).toBe('queued')
  expect(recorder.expose(sampleArm({ unitId: 'viewer-2' }), { exposedAt: 6 }).recorded).toBe('queued')
  expect(sink.lines).toEqual([])
  await clock.advance(200)
  expect(sink.events()).toMatchObject([
    {
      sequence: 1,
      exposureId: exposureId('home-ranking', 1, 'session-model', 'viewer-1'),
      exposedAt: 1_767_225_600_000,
    },
    { sequence: 2, outcomeId: 'p:2', value: 1, occurredAt: 1_767_225_600_000 },
    { sequence: 3, outcomeId: 'own', value: 7, occurredAt: 5 },
    { sequence: 4, unitId: 'viewer-2', exposedAt: 6 },
  ])
  expect(recorder.account()).toMatchObject({ offered: 4, delivered: 4, pending: 0 })
})

it('counts an arm that was not assigned, and records nothing', async () => {
  const { recorder, sink } = recorderWith()
  expect(recorder.expose(sampleArm({ variant: null, reason: 'outside-traffic' })).recorded).toBe(
    'not-assigned',
  )
  expect(recorder.expose(sampleArm({ reason: 'shipped' })).recorded).toBe('not-assigned')
  const account = await recorder.close()
  expect(account).toMatchObject({ notAssigned: 2, offered: 0 })
  expect(sink.lines).toEqual([])
})

it('records a unit once an experiment, phase and variant, whatever the revision', async () => {
  const { recorder, sink } = recorderWith()
  const calls = [
    {},
    {},
    { revision: 4 },
    { treatmentVersion: 'v2' },
    { phase: 2 },
    { variant: 'control' },
    { experiment: 'other' },
  ]
  expect(calls.map((changes) => recorder.expose(sampleArm(changes)).recorded)).toEqual([
    'queued',
    'deduplicated',
    'deduplicated',
    'deduplicated',
    'queued',
    'queued',
    'queued',
  ])
  const account = await recorder.close()
  expect(account.exposures).toMatchObject({ offered: 7, deduplicated: 3, delivered: 4 })
  expect(sink.lines).toHaveLength(4)
})

it('FAULTS 20: a hot loop over the same units keeps the queue and the memory as they are', () => {
  const { recorder } = recorderWith({ sink: broken })
  const arms = Array.from({ length: 10 }, (_, i) => sampleArm({ unitId: `viewer-${i}` }))
  for (let i = 0; i < 1_000_000; i++) recorder.expose(arms[i % 10]!)
  expect(recorder.account().exposures).toMatchObject({
    offered: 1_000_000,
    deduplicated: 999_990,
    pending: 10,
  })
})

it('a unit counts as seen only when its event is in the queue, and no longer once it was lost', async () => {
  const { recorder, clock } = recorderWith({
    sink: broken,
    queue: { maximumEvents: 1 },
    retry: { deadlineMs: 1_000 },
  })
  const other = sampleArm({ unitId: 'viewer-2' })
  expect(recorder.expose(sampleArm()).recorded).toBe('queued')
  expect(recorder.expose(other).recorded).toBe('dropped')
  expect(recorder.expose(sampleArm()).recorded).toBe('deduplicated')
  await clock.advance(5_000)
  expect(recorder.account().dropped).toMatchObject({ 'queue-full': 1, deadline: 1 })
  expect(recorder.expose(sampleArm()).recorded).toBe('queued')
  expect(recorder.expose(other).recorded).toBe('dropped')
})

it('FAULTS 27: a full queue refuses outcomes first, then exposures, and keeps what it has', async () => {
  const warnings: unknown[] = []
  let down = true
  const memory = memorySink()
  const sink: Sink = {
    deliver: (batch) => (down ? Promise.reject(new Error('down')) : memory.deliver(batch)),
    close: () => memory.close(),
  }
  const { recorder, clock } = recorderWith({
    sink,
    onDrop: (warning) => warnings.push(warning),
    retry: { deadlineMs: 1e9 },
  })
  const answers: Record<string, number> = {}
  for (let i = 0; i < 50_000; i++) {
    const unitId = `viewer-${i}`
    const answer =
      i % 2 === 0 ? recorder.expose(sampleArm({ unitId })) : recorder.track({ ...started, unitId })
    answers[answer.recorded] = (answers[answer.recorded] ?? 0) + 1
    if (i % 10_000 === 0) expectBalanced(recorder.account())
  }
  expect(answers).toEqual({ queued: 10_000, dropped: 40_000 })
  const full = recorder.account()
  expect(full.outcomes).toMatchObject({ pending: 4_000, dropped: { 'queue-full': 21_000 } })
  expect(full.exposures).toMatchObject({ pending: 6_000, dropped: { 'queue-full': 19_000 } })
  // At once for the first, then silence for a minute, then all the others at once.
  expect(warnings).toMatchObject([{ reason: 'queue-full', events: 1 }])
  await clock.advance(60_000)
  recorder.track(started)
  expect(warnings).toMatchObject([{ events: 1 }, { reason: 'queue-full', events: 40_000 }])
  down = false
  await clock.advance(60_000)
  expect(recorder.account()).toMatchObject({ delivered: 10_000, pending: 0 })
  // The sequence tells a reader what is missing.
  const numbers = memory.events().map(({ sequence }) => sequence)
  recorder.track(started)
  await clock.advance(1_000)
  expect(memory.events().at(-1)?.sequence).toBe(50_002)
  expect(new Set(numbers).size).toBe(10_000)
})

it('bounds the queue in bytes as well, and refuses an event larger than a batch', () => {
  const { recorder } = recorderWith({
    sink: broken,
    queue: { maximumBytes: 2_000 },
    batch: { maximumBytes: 1_000 },
  })
  expect(recorder.expose(sampleArm({ unitId: 'v'.repeat(1_000) })).recorded).toBe('dropped')
  for (let i = 0; i < 10; i++) recorder.expose(sampleArm({ unitId: `viewer-${i}` }))
  const { dropped, pending } = recorder.account()
  expect(dropped['too-large']).toBe(1)
  expect(pending).toBe(4)
  expect(dropped['queue-full']).toBe(6)
})

it('fills batches up to their bounds, in order, one under way at a time', async () => {
  const batches: { count: number; bytes: number }[] = []
  const numbers: number[] = []
  let underWay = 0
  const clock = fakeClock()
  const sink: Sink = {
    deliver: async ({ content, count }) => {
      expect(++underWay).toBe(1)
      batches.push({ count, bytes: content.length })
      for (const line of new TextDecoder().decode(content).trim().split('\n'))
        numbers.push(JSON.parse(line).sequence)
      await new Promise<void>((resolve) => void clock.start(resolve, 50, false))
      underWay--
      return { rejected: [] }
    },
    close: async () => {},
  }
  const { recorder } = recorderWith({
    sink,
    clock,
    timers: clock,
    batch: { maximumEvents: 8, maximumBytes: 4_000 },
  })
  for (let i = 0; i < 100; i++)
    recorder.expose(sampleArm({ unitId: `viewer-${i}`.padEnd(10 * (i % 30), '.') }))
  await clock.advance(10_000)
  expect(numbers).toEqual(Array.from({ length: 100 }, (_, i) => i + 1))
  expect(Math.max(...batches.map(({ count }) => count))).toBe(8)
  expect(Math.max(...batches.map(({ bytes }) => bytes))).toBeLessThanOrEqual(4_000)
})

it('FAULTS 28: close delivers what it can by its deadline, and counts the rest as lost by the shutdown', async () => {
  const clock = fakeClock()
  const memory = memorySink()
  let closed = 0
  const slow: Sink = {
    deliver: async (batch) => {
      await new Promise<void>((resolve) => void clock.start(resolve, 400, false))
      return memory.deliver(batch)
    },
    close: async () => void closed++,
  }
  const { recorder } = recorderWith({ sink: slow, clock, timers: clock, batch: { maximumEvents: 10 } })
  for (let i = 0; i < 100; i++) recorder.expose(sampleArm({ unitId: `viewer-${i}` }))
  const closing = recorder.close(1_000)
  expect(recorder.close(1)).toBe(closing)
  await clock.advance(1_000)
  const account = await closing
  expect(account).toMatchObject({ offered: 100, delivered: 20, pending: 0, dropped: { shutdown: 80 } })
  expect(memory.lines).toHaveLength(20)
  expect(closed).toBe(1)
  await clock.advance(10_000)
  expect(recorder.account()).toEqual(account)
})

it('FAULTS 19: after close nothing throws, and every call is counted', async () => {
  const { recorder, sink } = recorderWith()
  recorder.expose(sampleArm())
  await recorder.close()
  expect(recorder.expose(sampleArm()).recorded).toBe('closed')
  expect(recorder.track(started).recorded).toBe('closed')
  expect(recorder.account()).toMatchObject({ offered: 3, delivered: 1, dropped: { closed: 2 } })
  expect(sink.lines).toHaveLength(1)
})

it('never throws on the hot path, whatever it is handed', () => {
  const cyclic: Record<string, unknown> = {}
  cyclic['self'] = cyclic
  const { recorder } = recorderWith()
  for (const arm of [
    undefined,
    null,
    1,
    {},
    { reason: 'assigned' },
    sampleArm({ unitId: null }),
    sampleArm({ bucket: 0.5 }),
  ]) {
    expect(recorder.expose(arm as never).recorded).toMatch(/dropped|not-assigned/)
  }
  const hostile = new Proxy({}, { get: () => thrown(), ownKeys: () => thrown() })
  const getter = {
    ...started,
    get properties() {
      return thrown()
    },
  }
  expect(recorder.expose(hostile as never).recorded).toBe('dropped')
  expect(recorder.expose(sampleArm(), hostile).recorded).toBe('dropped')
  expect(recorder.expose(sampleArm(), { exposedAt: Number.NaN }).recorded).toBe('dropped')
  for (const outcome of [
    undefined,
    {},
    { ...started, value: Number.NaN },
    { ...started, value: Infinity },
    { ...started, value: '1' },
    { ...started, properties: cyclic },
    { ...started, properties: { big: 1n } },
    { ...started, properties: hostile },
    { ...started, unitId: Symbol('viewer') },
    hostile,
    getter,
  ]) {
    expect(recorder.track(outcome as never).recorded).toBe('dropped')
  }
  const account = recorder.account()
  expectBalanced(account)
  expect(account.delivered + account.pending).toBe(0)
  expect(recorder.expose(sampleArm()).recorded).toBe('queued')
})

it('outlives a hook that throws, and a sink that hangs or answers nonsense', async () => {
  const { recorder, clock } = recorderWith({
    sink: { deliver: () => new Promise(() => {}), close: () => new Promise(() => {}) },
    retry: { deadlineMs: 1_000 },
    onDrop: () => {
      throw new Error('hook')
    },
  })
  recorder.expose(sampleArm())
  await clock.advance(2_000)
  expect(recorder.account().dropped.deadline).toBe(1)
  const promising = recorderWith({
    queue: { maximumEvents: 0 },
    onDrop: (() => Promise.reject(new Error('hook'))) as () => void,
  })
  expect(promising.recorder.expose(sampleArm()).recorded).toBe('dropped')
  const closing = recorder.close(500)
  await clock.advance(500)
  expectBalanced(await closing)

  const causes: unknown[] = []
  const nonsense = recorderWith({
    sink: { deliver: async () => undefined as never, close: async () => {} },
    retry: { deadlineMs: 1_000 },
    onDrop: ({ cause }) => causes.push(cause),
  })
  nonsense.recorder.expose(sampleArm())
  await nonsense.clock.advance(5_000)
  expect(nonsense.recorder.account().dropped.deadline).toBe(1)
  expect(causes).toMatchObject([{ code: 'invalid-argument' }])
})

it('does not believe a sink that refuses lines which its batch does not have, and goes on', async () => {
  for (const lines of [
    [null],
    [{}],
    [{ line: 3 }],
    [{ line: 0 }],
    [{ line: '1' }],
    [{ line: 1 }, { line: 1 }],
  ]) {
    const memory = memorySink()
    const answers = [{ rejected: lines as never }]
    const deliver: Sink['deliver'] = async (batch) => answers.pop() ?? memory.deliver(batch)
    const { recorder, clock } = recorderWith({ sink: { deliver, close: memory.close } })
    recorder.expose(sampleArm())
    recorder.track(started)
    await clock.advance(1_000)
    expect(recorder.account()).toMatchObject({ delivered: 2, pending: 0, retries: 1 })
  }
})

it('FAULTS 38: a wall clock that is set back silences no warning', async () => {
  const clock = fakeClock()
  const start = clock.now()
  let wall = start
  const warnings: unknown[] = []
  const { recorder } = recorderWith({
    clock: { now: () => wall, monotonic: clock.now },
    timers: clock,
    queue: { maximumEvents: 0 },
    onDrop: (warning) => warnings.push(warning),
  })
  recorder.track(started)
  wall = start - 10 * 365 * 86_400_000
  await clock.advance(60_000)
  recorder.track(started)
  expect(warnings).toHaveLength(2)
})

it('refuses what would lift a limit in silence, and takes an undefined limit for none given', () => {
  const sink = memorySink()
  for (const [options, message] of [
    [{ sink: undefined }, /has no sink/],
    [{ sink: {} }, /has no sink/],
    [{ spool: './spool' }, /has no spool/],
    [{ producerId: '' }, /producerId is ""/],
    [{ queue: { maximumEvents: Number.NaN } }, /queue\.maximumEvents is NaN/],
    [{ batch: { maximumBytes: -1 } }, /batch\.maximumBytes is -1/],
    [{ retry: { deadlineMs: '30s' } }, /retry\.deadlineMs is 30s/],
    [{ dedupe: { capacity: Number.NaN } }, /dedupe\.capacity is NaN/],
    [{ batch: { maximumEvents: 0 } }, /batch\.maximumEvents is 0\. Give a number above 0/],
    [{ report: { everyMs: 0 } }, /report\.everyMs is 0\. Give a number above 0/],
    [{ slates: { sampleRate: 2 } }, /slates\.sampleRate is 2\. Give a share from 0 to 1/],
    [{ slates: { sampleRate: -0.1 } }, /slates\.sampleRate is -0\.1/],
    [{ sdk: '' }, /sdk is ""/],
    [{ onDrop: 'warn' }, /onDrop is "warn"\. Give a function/],
    [{ traceparent: '00-0af7-b7ad-01' }, /traceparent is "00-0af7-b7ad-01"/],
    [{ context: { schemaVersion: '1', allow: [], redact: true } }, /context\.redact is true/],
  ] as const) {
    expect(() => createRecorder({ sink, ...options } as never)).toThrow(message)
  }
  const { recorder } = recorderWith({ queue: { maximumEvents: undefined } as never })
  expect(recorder.track(started).recorded).toBe('queued')
})

it('waits as long as can be where it is told to wait for ever', async () => {
  const memory = memorySink()
  let arrived = () => {}
  const deliver: Sink['deliver'] = async (batch) => {
    await new Promise<void>((resolve) => (arrived = resolve))
    return memory.deliver(batch)
  }
  const recorder = createRecorder({ sink: { deliver, close: memory.close } })
  recorder.expose(sampleArm())
  const flushed = recorder.flush(Infinity)
  setTimeout(() => arrived(), 30)
  expect(await flushed).toMatchObject({ delivered: 1, pending: 0 })
})

it('waits between attempts with full jitter, doubling up to the cap', async () => {
  const clock = fakeClock()
  const attempts: number[] = []
  const sink: Sink = {
    deliver: async () => {
      attempts.push(clock.now())
      throw new Error('down')
    },
    close: async () => {},
  }
  const { recorder } = recorderWith({
    sink,
    clock,
    timers: clock,
    random: () => 0.5,
    batch: { lingerMs: 0 },
    retry: { baseMs: 100, capMs: 1_000, deadlineMs: 3_000 },
  })
  recorder.expose(sampleArm())
  await clock.advance(10_000)
  expect(attempts.slice(1).map((at, i) => at - attempts[i]!)).toEqual([50, 100, 200, 400, 500, 500, 500, 500])
  expect(recorder.account()).toMatchObject({ retries: 8, dropped: { deadline: 1 } })
})

it('keeps the account balanced at every instant, and in step with what the sink has, under any faults', async () => {
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('expose' as const),
        unit: fc.nat(40),
        times: fc.integer({ min: 1, max: 20 }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('track' as const),
        unit: fc.nat(40),
        times: fc.integer({ min: 1, max: 20 }),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(3_000) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('flush' as const), ms: fc.nat(2_000) }) },
  )
  const share = fc.constantFrom(0, 0.1, 0.5, 0.9)
  const faults = fc.record({
    fail: share,
    unanswered: share,
    reject: share,
    delay: share,
    delayMs: fc.nat(3_000),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 40 }),
      faults,
      fc.nat(),
      fc.nat(4_000),
      async (steps, broken, seed, deadline) => {
        const clock = fakeClock()
        const memory = memorySink()
        const random = seededRandom(seed)
        const recorder = createRecorder({
          sink: faultSink(memory, broken, random, clock),
          clock,
          timers: clock,
          random,
          producerId: 'p',
          queue: { maximumEvents: 60, maximumBytes: 20_000 },
          batch: { maximumEvents: 7, maximumBytes: 3_000 },
          dedupe: { capacity: 20 },
          retry: { deadlineMs: 2_000 },
        })
        for (const next of steps) {
          if (next.do === 'wait') await clock.advance(next.ms)
          else if (next.do === 'flush') {
            const flushing = recorder.flush(next.ms)
            await clock.advance(next.ms)
            expectBalanced(await flushing)
          } else {
            for (let i = 0; i < next.times; i++) {
              const unitId = `viewer-${next.unit + i}`
              if (next.do === 'expose') recorder.expose(sampleArm({ unitId }))
              else recorder.track({ ...started, unitId })
              expectBalanced(recorder.account())
            }
          }
          expectBalanced(recorder.account())
        }
        const closing = recorder.close(deadline)
        await clock.advance(deadline)
        const account = await closing
        expectBalanced(account)
        expect(account.pending).toBe(0)
        const stored = new Set(memory.events().map(({ sequence }) => sequence)).size
        expect(account.delivered).toBeLessThanOrEqual(stored)
        // Without lost answers and without time running out, to the event.
        if (broken.unanswered === 0 && account.dropped.deadline + account.dropped.shutdown === 0) {
          expect(account.delivered).toBe(stored)
          expect(account.delivered).toBe(memory.lines.length)
        }
      },
    ),
    { seed: 7, numRuns: 150 },
  )
})

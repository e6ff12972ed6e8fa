import fc from 'fast-check'
import { ExperimentError } from '@fairtrial/protocol/error'
import { expect, it } from 'vitest'
import { type DiskFaults, MemoryDisk, SOUND } from '../test/memory-disk.ts'
import { type Account, createRecorder, type Recorder, type Sink, type Tally } from './index.ts'
import { openableSpool } from './spool/file-spool.ts'
import { type FakeClock, fakeClock, sampleArm, seededRandom } from './testing/index.ts'

/** How often the sink does what. */
interface SinkFaults {
  readonly fail: number
  readonly loseAnswer: number
  readonly reject: number
  readonly hang: number
  readonly misconfigured: number
  readonly maximumBytes: number
}

const sound: SinkFaults = {
  fail: 0,
  loseAnswer: 0,
  reject: 0,
  hang: 0,
  misconfigured: 0,
  maximumBytes: Infinity,
}

/** What the other side has, over all processes. */
class Store {
  readonly stored = new Set<string>()
  /** The lines themselves: a unit may be exposed by several processes. */
  readonly lines = new Set<string>()
  readonly rejected = new Set<string>()

  sink(faults: SinkFaults, random: () => number, clock: FakeClock): Sink {
    return {
      deliver: async ({ content, kinds }) => {
        await new Promise<void>((resolve) => void clock.start(resolve, 20 * random(), false))
        if (random() < faults.hang) await new Promise(() => {})
        if (random() < faults.fail) throw new Error('down')
        if (content.length > faults.maximumBytes) {
          // Of a single line that is an answer for good.
          if (kinds.length === 1) this.rejected.add(idsOf(content)[0]!)
          throw new ExperimentError('too-large', 'Too large.', 'Split it.')
        }
        if (random() < faults.misconfigured) throw new ExperimentError('misconfigured', 'No.', 'Mend it.')
        const ids = idsOf(content)
        const lines = new TextDecoder().decode(content).split('\n')
        expect(ids).toHaveLength(kinds.length)
        const rejected = ids.flatMap((id, index) => {
          if (random() >= faults.reject) return []
          this.rejected.add(id)
          return [{ line: index + 1, code: 'fault', detail: 'refused' }]
        })
        for (const [index, id] of ids.entries()) {
          if (rejected.some(({ line }) => line === index + 1)) continue
          this.stored.add(id)
          this.lines.add(lines[index]!)
        }
        if (random() < faults.loseAnswer) throw new Error('the answer got lost')
        return { rejected }
      },
      close: async () => {},
    }
  }
}

function idsOf(content: Uint8Array): string[] {
  return new TextDecoder()
    .decode(content)
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const { exposureId, outcomeId } = JSON.parse(line) as { exposureId?: string; outcomeId?: string }
      return exposureId === undefined ? outcomeId! : JSON.parse(line).unitId
    })
}

function expectBalanced(account: Account): void {
  for (const tally of [account, account.exposures, account.outcomes, account.summaries] satisfies Tally[]) {
    const dropped = Object.values(tally.dropped).reduce((sum, count) => sum + count, 0)
    expect(tally.delivered + tally.deduplicated + dropped + tally.pending).toBe(tally.offered)
    expect(Math.min(tally.delivered, tally.pending)).toBeGreaterThanOrEqual(0)
  }
  const { queued, inFlight, spooled } = account.pendingIn
  expect(queued + inFlight + spooled).toBe(account.pending)
  expect(Math.min(queued, inFlight, spooled)).toBeGreaterThanOrEqual(0)
}

const share = (...shares: number[]) => fc.constantFrom(0, 0, ...shares)
const sinkFaults = fc.record({
  fail: share(0.1, 0.5, 1),
  loseAnswer: share(0.1, 0.5),
  reject: share(0.05, 0.5),
  hang: share(0.05),
  misconfigured: share(0.2, 1),
  maximumBytes: fc.constantFrom(Infinity, 2_000, 300),
})
const diskFaults = fc.record({
  write: share(0.1, 1),
  sync: share(0.1, 1),
  read: share(0.1),
  truncate: share(0.5),
})
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('record' as const),
      kind: fc.constantFrom('exposure' as const, 'outcome' as const),
      times: fc.integer({ min: 1, max: 20 }),
      asks: fc.boolean(),
      consent: fc.constantFrom(true, true, true, false),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(2_000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('flush' as const), ms: fc.nat(1_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('restart' as const),
      isKilled: fc.boolean(),
      sink: sinkFaults,
      disk: diskFaults,
    }),
  },
)

it('FAULTS 29 31: keeps the account at every instant and over restarts, and all it acknowledged, under any faults', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 40 }),
      sinkFaults,
      diskFaults,
      fc.nat(),
      fc.constantFrom('always' as const, 'interval' as const, 'never' as const),
      async (steps, firstSink, firstDisk, seed, sync) => {
        const random = seededRandom(seed)
        const clock = fakeClock()
        const disk = new MemoryDisk()
        const store = new Store()
        const acknowledged = new Set<string>()
        let lives = 0
        let made = 0
        let carried = 0
        let kill = () => {}
        let recorder!: Recorder

        const start = (sink: SinkFaults, faults: DiskFaults) => {
          const machine = disk.boot(faults, random, clock)
          kill = machine.kill
          recorder = createRecorder({
            sink: store.sink(sink, random, clock),
            spool: openableSpool({ directory: 'd', maximumBytes: 60_000, sync }, machine.files),
            clock,
            timers: clock,
            random,
            producerId: `p${lives++}`,
            report: false,
            queue: { maximumEvents: 60, maximumBytes: 40_000 },
            batch: { maximumEvents: 7, maximumBytes: 5_000, lingerMs: 20 },
            dedupe: { capacity: 20 },
            retry: { baseMs: 10, capMs: 200, deadlineMs: 800 },
          })
        }

        start(firstSink, firstDisk)
        for (const next of steps) {
          if (next.do === 'wait') await clock.advance(next.ms)
          else if (next.do === 'flush') {
            const flushing = recorder.flush(next.ms)
            await clock.advance(next.ms)
            expectBalanced(await flushing)
          } else if (next.do === 'restart' && !next.isKilled) {
            const closing = recorder.close(300)
            await clock.advance(3_000)
            expectBalanced(await closing)
            kill()
            start(next.sink, next.disk)
          } else if (next.do === 'restart') {
            const wasOpen = recorder.health().spool !== null
            const before = recorder.account()
            kill()
            start(next.sink, next.disk)
            await clock.advance(1_500)
            const after = recorder.account()
            expectBalanced(after)
            // What died in memory was never acknowledged, and nobody remembers it; all else is remembered.
            if (wasOpen) expect(after.offered).toBeLessThanOrEqual(before.offered)
            if (recorder.health().spool !== null) {
              expect(after.offered).toBeGreaterThanOrEqual(carried)
              carried = after.offered
            }
          } else if (!next.consent) {
            const own = recorder
            const { 'no-consent': before } = own.account().dropped
            for (let i = 0; i < next.times; i++) {
              const unitId = `withheld-${made++}`
              const receipt =
                next.kind === 'exposure'
                  ? own.expose(sampleArm({ unitId }), { consent: false })
                  : own.track({ name: 'started', unitType: 'viewer', unitId, consent: false })
              expect(receipt.recorded).toBe('no-consent')
              expectBalanced(own.account())
            }
            expect(own.account().dropped['no-consent']).toBe(before + next.times)
          } else {
            const own = recorder
            for (let i = 0; i < next.times; i++) {
              const isExposure = next.kind === 'exposure'
              const id = `${next.kind}-${isExposure ? Math.floor(made++ * 0.8) : made++}`
              const receipt = isExposure
                ? own.expose(sampleArm({ unitId: id }))
                : own.track({ name: 'started', unitType: 'viewer', unitId: 'viewer-1', outcomeId: id })
              if (next.asks) void receipt.durable.then((isDurable) => isDurable && acknowledged.add(id))
              expectBalanced(own.account())
            }
          }
          expectBalanced(recorder.account())
        }
        // The last process finds all in order.
        kill()
        start(sound, SOUND)
        await clock.advance(1_500)
        await recorder.opened()
        const flushing = recorder.flush(60_000)
        await clock.advance(60_000)
        const account = await flushing
        expectBalanced(account)
        expect(account.pending).toBe(0)
        expect(account.dropped['spool-damaged']).toBe(0)
        for (const text of [...store.lines, ...[...disk.files.values()].map(String)])
          expect(text).not.toContain('withheld')
        const { stored, rejected } = store
        expect([...acknowledged].filter((id) => !stored.has(id) && !rejected.has(id))).toEqual([])
        expect(account.delivered).toBeLessThanOrEqual(store.lines.size)
      },
    ),
    { numRuns: 150 },
  )
}, 60_000)

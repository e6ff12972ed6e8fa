import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExposureEvent, LogEvent } from '@fairtrial/protocol'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createRecorder, type Sink } from '../index.ts'
import { fakeClock, faultSink, sampleArm, seededRandom } from '../testing/index.ts'
import { readSegments, segmentSink } from './index.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fairtrial-log-'))
})

afterEach(() => rmSync(directory, { recursive: true, force: true }))

function recorderFor(producerId: string, wrap: (sink: Sink) => Sink = (sink) => sink) {
  return createRecorder({
    sink: wrap(segmentSink({ directory, producerId })),
    producerId,
    batch: { maximumEvents: 10, lingerMs: 1 },
    retry: { baseMs: 1, capMs: 2 },
    report: false,
  })
}

function firstExposures(events: readonly LogEvent[]): Map<string, number> {
  const first = new Map<string, number>()
  for (const event of events) {
    if (event.schema !== 'fairtrial.exposure/1') continue
    const { exposureId, exposedAt } = event
    first.set(exposureId, Math.min(exposedAt, first.get(exposureId) ?? Number.POSITIVE_INFINITY))
  }
  return first
}

it('FAULTS 34: whatever was written twice falls together under its id: lost answers, restarts, second instances', async () => {
  const { start, stop } = fakeClock()
  const lostAnswers = (sink: Sink) => faultSink(sink, { unanswered: 0.5 }, seededRandom(1), { start, stop })
  for (const producerId of ['run-1', 'run-2', 'other-host']) {
    const recorder = recorderFor(producerId, lostAnswers)
    for (let i = 0; i < 100; i++)
      recorder.expose(sampleArm({ unitId: `viewer-${i}` }), { exposedAt: 1_000 + i })
    expect(await recorder.close()).toMatchObject({ delivered: 100 })
  }
  const { events } = await readSegments(directory)
  expect(events.length).toBeGreaterThan(300)
  const first = firstExposures(events)
  expect(first.size).toBe(100)
  expect(firstExposures([...events, ...events].reverse())).toEqual(new Map(first))
  // Each producer's numbers are whole: nothing was lost, though much was written again.
  for (const producerId of ['run-1', 'run-2', 'other-host']) {
    const numbers = new Set(
      events.filter((event) => event.producerId === producerId).map(({ sequence }) => sequence),
    )
    expect([...numbers].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1))
  }
})

it('FAULTS 35: an event keeps the time at which it happened, however late it comes to the log', async () => {
  const day = 86_400_000
  const early = recorderFor('early')
  const late = recorderFor('late')
  early.expose(sampleArm(), { exposedAt: 40 * day })
  await early.close()
  late.expose(sampleArm(), { exposedAt: 10 * day })
  late.track({ name: 'started', unitType: 'viewer', unitId: 'viewer-1', occurredAt: 9 * day })
  await late.close()
  const { events } = await readSegments(directory)
  expect([...firstExposures(events).values()]).toEqual([10 * day])
  expect(events.at(-1)).toMatchObject({ occurredAt: 9 * day })
})

it('FAULTS 36: a lost exposure leaves a gap beside the outcome that came through', async () => {
  const recorder = recorderFor('p', (sink) => ({
    deliver: async (batch) => {
      const first = batch.kinds.indexOf('exposure') + 1
      if (first === 0) return sink.deliver(batch)
      const lines = new TextDecoder().decode(batch.content).split('\n')
      const rest = lines.toSpliced(first - 1, 1)
      const keeps = (_: unknown, index: number) => index !== first - 1
      await sink.deliver({
        content: new TextEncoder().encode(rest.join('\n')),
        count: batch.count - 1,
        kinds: batch.kinds.filter(keeps),
        unitIds: batch.unitIds.filter(keeps),
      })
      return { rejected: [{ line: first, code: 'too-old', detail: 'refused' }] }
    },
    close: () => sink.close(),
  }))
  recorder.expose(sampleArm())
  recorder.track({ name: 'started', unitType: 'viewer', unitId: 'viewer-1' })
  recorder.expose(sampleArm({ unitId: 'viewer-2' }))
  const account = await recorder.close()
  expect(account.exposures).toMatchObject({ delivered: 1, dropped: { rejected: 1 } })
  expect(account.outcomes).toMatchObject({ delivered: 1 })
  const { events } = await readSegments(directory)
  expect(events.map(({ sequence }) => sequence)).toEqual([2, 3])
  expect((events[1] as ExposureEvent).unitId).toBe('viewer-2')
})

import { assign, loadExperiment } from '@fairtrial/assignment'
import { createRecorder, memorySink } from '@fairtrial/exposure'
import { fakeClock, type Faults, faultSink, seededRandom } from '@fairtrial/exposure/testing'
import { audit } from '@fairtrial/fidelity'
import { summarize } from '@fairtrial/metrics'
import { defineExperiment, type LogEvent } from '@fairtrial/protocol'
import { startRollout } from '@fairtrial/rollout'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

const START = Date.UTC(2026, 0, 5)
const UNITS = 400

const trial = defineExperiment({
  key: 'reading-list',
  hypothesis: {
    change: 'putting the longest article first',
    population: 'all readers',
    metric: 'opened',
    direction: 'increase',
    minimumLift: { relative: 0.05 },
    horizon: '14d',
  },
  unitType: 'reader',
  variants: [
    { name: 'newest', weight: 1, config: {} },
    { name: 'longest', weight: 1, config: { order: 'longest' } },
  ],
  control: 'newest',
  metrics: { opened: { type: 'proportion', role: 'primary', direction: 'increase', window: '1h' } },
  analysis: { method: 'asymptotic-cs', tuneAt: 20_000 },
  ramp: { stages: [{ trafficPercent: 100, holdFor: '1d', minimumUnits: 1000 }] },
})
const loaded = loadExperiment(trial, startRollout(trial, { now: START }))

/** A service over a sink with these faults, and the log that came of it. */
async function logThrough(faults: Faults, seed: number) {
  const clock = fakeClock(START)
  const memory = memorySink()
  const random = seededRandom(seed)
  const recorder = createRecorder({
    sink: faultSink(memory, faults, random, clock),
    clock,
    timers: clock,
    random,
    producerId: 'api-1',
    batch: { maximumEvents: 20 },
    retry: { capMs: 1_000, deadlineMs: 1e9 },
  })
  for (let i = 0; i < UNITS; i++) {
    const unit = { unitType: 'reader', unitId: `reader-${i}` }
    recorder.expose(assign(loaded, unit))
    if (i % 3 === 0) recorder.track({ ...unit, name: 'opened' })
    if (i % 40 === 0) await clock.advance(1_000)
  }
  const closing = recorder.close(600_000)
  await clock.advance(600_000)
  return { account: await closing, events: memory.events() }
}

/** What is counted of a log, whatever was in it more than once; moments but for their rounding. */
function countsOf(events: readonly LogEvent[]) {
  const asOf = START + 2 * 86_400_000
  const { metrics, counts } = summarize(trial, events, { asOf, phase: 1 })
  const { counts: audited, sampleRatio, findings } = audit(trial, events, { asOf })
  return {
    metrics: JSON.parse(JSON.stringify(metrics), (_, value: unknown) =>
      typeof value === 'number' ? Number(value.toFixed(9)) : value,
    ) as unknown,
    counts: { ...counts, repeatedExposures: 0, repeatedOutcomes: 0 },
    observed: sampleRatio?.observed,
    missing: audited.missingEvents,
    mismatches: audited.replayMismatches,
    gaps: findings.filter(({ code }) => code === 'sequence-gap' || code === 'loss-by-arm').length,
  }
}

const clean = logThrough({}, 1).then(({ events }) => countsOf(events))

describe('what a service recorded, on ways that are not sound', () => {
  it('FAULTS 33: an answer that got lost stores a batch again, and counts it once', async () => {
    const { account, events } = await logThrough({ unanswered: 0.5 }, 7)
    expect(account).toMatchObject({ pending: 0, exposures: { delivered: UNITS } })
    expect(account.retries).toBeGreaterThan(5)
    expect(events.length).toBeGreaterThan(account.delivered + 50)
    expect(countsOf(events)).toEqual(await clean)
  })

  it('FAULTS 34: neither copies nor another order change a count, whatever the seed', async () => {
    const share = fc.constantFrom(0, 0.1, 0.5)
    const faults = fc.record({
      duplicate: share,
      reorder: share,
      unanswered: share,
      fail: share,
      delay: share,
    })
    await fc.assert(
      fc.asyncProperty(faults, fc.nat(), async (broken, seed) => {
        const { account, events } = await logThrough(broken, seed)
        expect(account).toMatchObject({ pending: 0, exposures: { delivered: UNITS } })
        expect(countsOf(events)).toEqual(await clean)
      }),
      { numRuns: 12 },
    )
  })

  it('FAULTS 34: nor does the same event a thousand times, or the whole log again', async () => {
    const { events } = await logThrough({}, 1)
    const often = [...events.slice(0, 5), ...events.slice(-1)].flatMap((event) =>
      Array.from({ length: 1_000 }, () => event),
    )
    expect(countsOf([...often, ...events, ...events.toReversed()])).toEqual(await clean)
  })

  it('FAULTS 36: what was acknowledged and is gone is missing by number, and its unit is not analysed', async () => {
    const { account, events } = await logThrough({ drop: 0.1 }, 3)
    const lost = account.delivered - events.length
    expect(lost).toBeGreaterThan(20)
    const { missing, gaps, observed } = countsOf(events)
    const last = Math.max(...events.map(({ sequence }) => sequence))
    expect(missing).toBe(lost - (account.delivered - last))
    expect(gaps).toBeGreaterThan(0)
    const exposed = new Set(
      events.flatMap((event) => (event.schema === 'fairtrial.exposure/1' ? [event.unitId] : [])),
    )
    const counted = Object.values(observed ?? {}).reduce((sum, count) => sum + count, 0)
    expect(counted).toBe(exposed.size)
    expect(exposed.size).toBeLessThan(UNITS)
  })
})

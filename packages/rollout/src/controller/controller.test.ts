import { defineExperiment } from '@fairtrial/protocol'
import type { LogEvent } from '@fairtrial/protocol'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  definition,
  experiment,
  isExposure,
  isOutcome,
  seeded,
  START,
  syntheticLog,
} from '../../../fidelity/test/synthetic-log.ts'
import { arrayLog, bytesOf } from '../../test/array-log.ts'
import { HOUR, MINUTE } from '../../test/fixture.ts'
import { memoryStateStore } from '../testing/index.ts'
import { abortRollout } from './abort-rollout.ts'
import { createController } from './controller.ts'
import type { ControllerOptions, TickResult } from './controller.ts'

const DAY = 24 * HOUR

/** A controller over a log in memory, at a time that only the test moves. */
function setUp(events: readonly LogEvent[] = [], options: Partial<ControllerOptions> = {}) {
  const store = options.store ?? memoryStateStore()
  let elapsed = 0
  let jump = 0
  const memory = arrayLog(() => START + elapsed, events)
  const clock = { now: () => START + elapsed + jump, monotonic: () => elapsed }
  const controller = createController({ experiment, log: memory.log, clock, ...options, store })
  return {
    ...memory,
    store,
    controller,
    clock,
    /** One tick at so long after the start. */
    tickAt(after: number): Promise<TickResult> {
      elapsed = after
      return controller.tick()
    },
    jumpWallClock: (by: number) => {
      jump = by
    },
  }
}

/** Half of the model's viewers do not start: their outcome goes by another name. */
function harmful(events: readonly LogEvent[]): LogEvent[] {
  const arms = new Map(events.filter(isExposure).map((event) => [event.unitId, event.variant]))
  const random = seeded(17)
  return events.map((event) =>
    isOutcome(event) && arms.get(event.unitId) === 'model' && random() < 0.5
      ? { ...event, name: 'noise' }
      : event,
  )
}

/** The same events, as if they had happened so much later and from other producers and viewers. */
function later(events: readonly LogEvent[], by: number): LogEvent[] {
  return events.map((event) => {
    const receivedAt = (event.receivedAt ?? 0) + by
    const producerId = `${event.producerId}+${by}`
    return isExposure(event)
      ? { ...event, producerId, receivedAt, exposedAt: event.exposedAt + by }
      : { ...event, producerId, receivedAt, occurredAt: event.occurredAt + by }
  })
}

describe('a tick', () => {
  it('starts the rollout, and looks on without a change', async () => {
    const { tickAt, store } = setUp()
    const first = await tickAt(0)
    expect(first).toMatchObject({ state: { status: 'running', stage: 0, revision: 1 }, error: null })
    expect(first.transitions).toHaveLength(1)
    expect(await tickAt(MINUTE)).toMatchObject({
      transitions: [],
      decision: { action: 'continue', rule: 'stage-time' },
    })
    expect(await store.transitions('ranking')).toHaveLength(1)
  })

  it('reads only what has come since the tick before', async () => {
    const events = syntheticLog()
    const { tickAt } = setUp(events)
    const first = await tickAt(16 * MINUTE)
    expect(first.eventsRead).toBeGreaterThan(1_000)
    const second = await tickAt(31 * MINUTE)
    expect(first.eventsRead + second.eventsRead).toBe(events.length)
    expect(first.bytesRead + second.bytesRead).toBe(bytesOf(events))
    const last = await tickAt(32 * MINUTE)
    expect(last).toMatchObject({ eventsRead: 0, bytesRead: 0, audit: { verdict: 'trusted' } })
    const { control = 0, model = 0 } = last.evaluation?.units ?? {}
    expect(control + model).toBe(2_000)
  })

  it('withdraws a treatment that breaches its guardrail, while the stage still waits', async () => {
    const { tickAt, store } = setUp(harmful(syntheticLog()))
    await tickAt(0)
    const { state, decision } = await tickAt(33 * MINUTE)
    expect(decision).toMatchObject({ action: 'abort', rule: 'guardrail-breach' })
    expect(state).toMatchObject({
      status: 'aborted',
      trafficPercent: 0,
      revision: 2,
      changedAt: START + 33 * MINUTE,
    })
    expect(await store.read('ranking')).toEqual(state)
    expect((await store.transitions('ranking')).at(-1)).toMatchObject({
      by: 'controller',
      decision: { rule: 'guardrail-breach' },
    })
    expect(await tickAt(34 * MINUTE)).toMatchObject({ transitions: [], decision: { rule: 'finished' } })
  })

  it('FAULTS 45: holds on a sample ratio mismatch, and still aborts on harm', async () => {
    const lossy = syntheticLog({ units: 8_000, loss: { model: 0.15 } })
    const held = setUp(lossy)
    await held.tickAt(0)
    expect(await held.tickAt(33 * MINUTE)).toMatchObject({
      state: { status: 'holding', holdingSince: START + 33 * MINUTE },
      decision: { action: 'hold', rule: 'audit-broken' },
    })
    const harmed = setUp(harmful(lossy))
    await harmed.tickAt(0)
    expect((await harmed.tickAt(33 * MINUTE)).decision).toMatchObject({
      action: 'abort',
      rule: 'guardrail-breach',
    })
  })

  it('is one at a time', async () => {
    const { controller, seen } = setUp(syntheticLog({ units: 50 }))
    const [a, b] = await Promise.all([controller.tick(), controller.tick()])
    expect(a).toBe(b)
    expect(seen.mostAtOnce).toBe(1)
  })

  it('goes on where a controller that was killed left off', async () => {
    const store = memoryStateStore()
    const events = syntheticLog()
    const before = setUp(events, { store })
    await before.tickAt(0)
    await before.tickAt(31 * MINUTE)
    const after = setUp(events, { store })
    const result = await after.tickAt(32 * MINUTE)
    expect(result).toMatchObject({
      transitions: [],
      eventsRead: events.length,
      state: { revision: 1, startedAt: START },
    })
  })
})

describe('faults', () => {
  it('FAULTS 53: an unreadable log is no breach: the fourth failure in a row holds, and a readable log runs on', async () => {
    const { tickAt, setBroken } = setUp(syntheticLog())
    await tickAt(30 * MINUTE)
    setBroken(true)
    for (let failure = 1; failure <= 3; failure++) {
      const result = await tickAt(30 * MINUTE + failure)
      expect(result).toMatchObject({
        decision: null,
        consecutiveErrors: failure,
        state: { status: 'running' },
      })
      expect(result.error?.message).toBe('disk on fire')
    }
    expect(await tickAt(31 * MINUTE)).toMatchObject({
      state: { status: 'holding' },
      decision: { action: 'hold', rule: 'missing-evidence' },
    })
    setBroken(false)
    expect(await tickAt(32 * MINUTE)).toMatchObject({
      state: { status: 'running', holdingSince: null },
      consecutiveErrors: 0,
    })
  })

  it('FAULTS 53: a log that stays unreadable aborts when the hold has lasted as long as the plan allows', async () => {
    const { tickAt, setBroken } = setUp(syntheticLog(), { consecutiveErrorLimit: 1 })
    await tickAt(0)
    setBroken(true)
    expect((await tickAt(MINUTE)).state?.status).toBe('holding')
    expect((await tickAt(DAY)).state?.status).toBe('holding')
    expect(await tickAt(DAY + MINUTE)).toMatchObject({
      state: { status: 'aborted' },
      decision: { action: 'abort', rule: 'hold-expired' },
    })
  })

  it('counts a store that cannot be read as an error, and goes on when it can', async () => {
    const memory = memoryStateStore()
    let isBroken = false
    const store = {
      ...memory,
      read: (key: string) => (isBroken ? Promise.reject(new Error('no disk')) : memory.read(key)),
    }
    const { tickAt } = setUp([], { store })
    await tickAt(0)
    isBroken = true
    expect(await tickAt(1)).toMatchObject({ state: null, decision: null, consecutiveErrors: 1 })
    isBroken = false
    expect(await tickAt(2)).toMatchObject({ consecutiveErrors: 0, decision: { action: 'continue' } })
  })

  it("FAULTS 59: the operator's abort wins over a decision made at the same moment", async () => {
    const memory = memoryStateStore()
    let aborts = false
    const store: typeof memory = {
      ...memory,
      async compareAndSet(event, expected) {
        if (aborts)
          await abortRollout(memory, experiment, { by: 'ada', reason: 'Complaints.', now: START + HOUR })
        aborts = false
        return memory.compareAndSet(event, expected)
      },
    }
    const { tickAt, append } = setUp([], { store })
    await tickAt(0)
    aborts = true
    append(syntheticLog({ loss: { model: 0.9 } }))
    const result = await tickAt(31 * MINUTE)
    expect(result).toMatchObject({
      state: { status: 'aborted', cause: 'Complaints.' },
      transitions: [],
      decision: { rule: 'finished' },
    })
    expect((await memory.transitions('ranking')).map(({ by }) => by)).toEqual(['controller', 'ada'])
  })

  it('FAULTS 38: a wall clock that is set ends no stage and lets no hold expire', async () => {
    const { tickAt, jumpWallClock } = setUp(syntheticLog())
    await tickAt(0)
    jumpWallClock(30 * DAY)
    expect(await tickAt(31 * MINUTE)).toMatchObject({
      at: START + 31 * MINUTE,
      decision: { rule: 'stage-time' },
    })
    jumpWallClock(-30 * DAY)
    expect(await tickAt(32 * MINUTE)).toMatchObject({
      at: START + 32 * MINUTE,
      decision: { rule: 'stage-time' },
    })
  })
})

describe('a changed definition', () => {
  const changed = defineExperiment({
    ...definition,
    variants: [
      { name: 'control', weight: 3 },
      { name: 'model', weight: 1 },
    ],
  })

  async function startedStore() {
    const store = memoryStateStore()
    await setUp([], { store }).tickAt(0)
    return store
  }

  it('FAULTS 7: is refused while the rollout of another is in the store', async () => {
    const { controller, store } = setUp([], { store: await startedStore(), experiment: changed })
    await expect(controller.tick()).rejects.toMatchObject({ code: 'definition-changed' })
    await expect(controller.start(1_000)).rejects.toMatchObject({ code: 'definition-changed' })
    expect(await store.read('ranking')).toMatchObject({ revision: 1, fingerprint: experiment.fingerprint })
  })

  it('FAULTS 7: opens a new phase where told to, with fresh evidence', async () => {
    const { tickAt } = setUp(syntheticLog(), {
      store: await startedStore(),
      experiment: changed,
      onChangedDefinition: 'new-phase',
    })
    const { state, evaluation, audit } = await tickAt(31 * MINUTE)
    expect(state).toMatchObject({
      phase: 2,
      revision: 2,
      stage: 0,
      startedAt: START + 31 * MINUTE,
      fingerprint: changed.fingerprint,
    })
    expect(evaluation).toMatchObject({ phase: 2, units: { control: 0, model: 0 } })
    expect(audit).toMatchObject({ verdict: 'caution', findings: [{ code: 'no-traffic' }] })
  })

  it('FAULTS 7: stops a controller whose rollout another has taken over', async () => {
    const store = await startedStore()
    const old = setUp([], { store })
    await old.tickAt(1)
    await setUp([], { store, experiment: changed, onChangedDefinition: 'new-phase' }).tickAt(2)
    await expect(old.tickAt(3)).rejects.toMatchObject({ code: 'definition-changed' })
    expect(await store.read('ranking')).toMatchObject({ revision: 2, phase: 2 })
  })
})

describe('the loop', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('ticks on, whatever fails, until it is stopped', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const results: TickResult[] = []
    const { controller, setBroken } = setUp([], { onTick: (result) => results.push(result) })
    await controller.start(1_000)
    expect(results).toHaveLength(1)
    setBroken(true)
    await vi.advanceTimersByTimeAsync(1_000)
    await vi.waitFor(() => expect(results).toHaveLength(2))
    setBroken(false)
    await vi.advanceTimersByTimeAsync(1_000)
    await vi.waitFor(() => expect(results).toHaveLength(3))
    expect(results.map(({ consecutiveErrors }) => consecutiveErrors)).toEqual([0, 1, 0])
    await controller.stop()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(results).toHaveLength(3)
  })
})

describe('a whole rollout', () => {
  it('ramps stage by stage, holds at no point, and ships what is better', async () => {
    const staged = defineExperiment({
      ...definition,
      metrics: {
        ...definition.metrics,
        watched: { ...definition.metrics.watched, event: 'started', type: 'count', window: '1m' },
      },
      guardrails: [{ ...definition.guardrails[0], margin: { absolute: 0.2 } }],
      ramp: {
        stages: [
          { trafficPercent: 50, holdFor: '30m', minimumUnits: 100 },
          { trafficPercent: 100, holdFor: '30m', minimumUnits: 500 },
        ],
      },
    })
    // Of both halves of the ramp: the viewers are those of the last stage, which the first one's are among.
    const events = syntheticLog({ of: staged, units: 6_000 })
    const arms = new Map(events.filter(isExposure).map((event) => [event.unitId, event.variant]))
    const random = seeded(23)
    const better = events.map((event) =>
      isOutcome(event) && arms.get(event.unitId) === 'control' && random() < 0.2
        ? { ...event, name: 'noise' }
        : event,
    )
    const more = later(syntheticLog({ of: staged, seed: 9, units: 1_000 }), 33 * MINUTE)
    const { tickAt } = setUp([...better, ...more], { experiment: staged })
    const rules: (string | undefined)[] = []
    for (const minutes of [0, 33, 40, 64, 65]) {
      rules.push((await tickAt(minutes * MINUTE)).decision?.rule)
    }
    expect(rules).toEqual(['stage-time', 'stage-complete', 'stage-time', 'plan-success', 'finished'])
  })
})

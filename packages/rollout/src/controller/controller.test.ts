import { defineExperiment } from '@fairtrial/protocol'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  definition,
  isExposure,
  isOutcome,
  seeded,
  START,
  syntheticLog,
} from '../../../fidelity/test/synthetic-log.ts'
import { bytesOf } from '../../test/array-log.ts'
import { MINUTE } from '../../test/fixture.ts'
import { harmful, later, setUp } from '../../test/looped.ts'
import { memoryStateStore } from '../testing/index.ts'
import type { TickResult } from './controller-doors.ts'

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

  it('takes for no loss what the log says that retention took', async () => {
    const events = syntheticLog().filter(({ sequence }) => sequence > 100)
    const removed = [...new Set(events.map(({ producerId }) => producerId))].map((producerId) => ({
      producerId,
      upTo: 100,
    }))
    const { log, tickAt } = setUp(events)
    expect((await tickAt(31 * MINUTE)).audit?.verdict).toBe('broken')
    const told = {
      readFrom: async (cursor: unknown) => ({ ...(await log.readFrom(cursor as number)), removed }),
    }
    const { tickAt: tickToldAt } = setUp(events, { log: told })
    const { audit } = await tickToldAt(31 * MINUTE)
    expect(audit?.findings.map(({ code }) => code)).not.toContain('sequence-gap')
    expect(audit?.counts.missingEvents).toBe(0)
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

describe('a loop that nobody breaks', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('runs on when whoever listens throws or rejects', async () => {
    const told: number[] = []
    const { controller } = setUp([], {
      onTick: (({ at }: TickResult) => {
        told.push(at)
        if (told.length < 3) throw new Error('the listener')
        return Promise.reject(new Error('the listener'))
      }) as (result: TickResult) => void,
    })
    await controller.start(1_000)
    for (let ticks = 2; ticks <= 4; ticks++) {
      await vi.advanceTimersByTimeAsync(1_000)
      await vi.waitFor(() => expect(told).toHaveLength(ticks))
    }
    await controller.stop()
  })

  it('is one loop, however often it is started', async () => {
    let told = 0
    const { controller } = setUp([], { onTick: () => void told++ })
    /** A tick waits for turns of the event loop, which are not under the fake timers. */
    const settled = async () => {
      for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
      return told
    }
    await controller.start(1_000)
    // Started anew while a turn runs, whose loop ends with it.
    await vi.advanceTimersByTimeAsync(1_000)
    await controller.start(1_000)
    const before = await settled()
    for (let ticks = 1; ticks <= 3; ticks++) {
      await vi.advanceTimersByTimeAsync(1_000)
      expect(await settled()).toBe(before + ticks)
    }
    await vi.advanceTimersByTimeAsync(1_000)
    await controller.stop()
    const last = await settled()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await settled()).toBe(last)
  })

  it.each([0, -1, Number.NaN, Infinity, 2 ** 31])('refuses to tick every %d ms', async (everyMs) => {
    const { controller } = setUp([])
    await expect(controller.start(everyMs)).rejects.toMatchObject({ code: 'invalid-argument' })
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

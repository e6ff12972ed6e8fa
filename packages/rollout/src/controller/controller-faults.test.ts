import { audit } from '@fairtrial/fidelity'
import { defineExperiment } from '@fairtrial/protocol'
import type { Experiment } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { definition, experiment, START, syntheticLog } from '../../../fidelity/test/synthetic-log.ts'
import { HOUR, MINUTE } from '../../test/fixture.ts'
import { arrayLog } from '../../test/array-log.ts'
import { setUp } from '../../test/looped.ts'
import { memoryStateStore } from '../testing/index.ts'
import { abortRollout } from './abort-rollout.ts'

const DAY = 24 * HOUR

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

  it('FAULTS 53: a log that never answers is one that cannot be read, and what it answers too late is read again', async () => {
    const { log, append } = arrayLog(() => START + 30 * MINUTE, [])
    const late: (() => void)[] = []
    let hangs = true
    const slow: typeof log = {
      readFrom: async (cursor) => {
        const batch = await log.readFrom(cursor)
        if (hangs) await new Promise<void>((resolve) => late.push(resolve))
        return batch
      },
    }
    append(syntheticLog())
    const { tickAt } = setUp([], { log: slow, readTimeoutMs: 5, consecutiveErrorLimit: 2 })
    expect(await tickAt(30 * MINUTE)).toMatchObject({
      error: { code: 'unreachable' },
      state: { status: 'running' },
    })
    expect(await tickAt(30 * MINUTE + 1)).toMatchObject({ state: { status: 'holding' } })
    hangs = false
    for (const answer of late) answer()
    const { eventsRead, decision } = await tickAt(30 * MINUTE + 2)
    expect(eventsRead).toBeGreaterThan(0)
    expect(decision?.rule).not.toBe('missing-evidence')
  })

  it('FAULTS 53: a log that grows faster than it is read is missing evidence, and holds up no turn', async () => {
    const { log, append } = arrayLog(() => START + 30 * MINUTE, [])
    append(syntheticLog())
    let grows = true
    const growing: typeof log = {
      readFrom: async (cursor) => {
        await new Promise((resolve) => setTimeout(resolve, 1))
        return grows
          ? { events: [], cursor: 0, bytesRead: 1, unreadableLines: 0, more: true }
          : log.readFrom(cursor)
      },
    }
    const { tickAt } = setUp([], { log: growing, readTimeoutMs: 20, consecutiveErrorLimit: 2 })
    expect(await tickAt(30 * MINUTE)).toMatchObject({ error: { code: 'unreachable' }, decision: null })
    expect(await tickAt(30 * MINUTE + 1)).toMatchObject({
      state: { status: 'holding' },
      decision: { rule: 'missing-evidence' },
    })
    grows = false
    expect((await tickAt(30 * MINUTE + 2)).decision?.rule).not.toBe('missing-evidence')
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

  it('FAULTS 45: counts the units of the phase before, against the weights in its journal', async () => {
    const phase = (of: Experiment, number: number, seed: number) =>
      syntheticLog({ of, phase: number, seed, units: 6_000, loss: { model: 0.1 } })
    const two = phase(changed, 2, 9)
    const logBayesFactor = async (events: Parameters<typeof setUp>[0]) => {
      const looped = setUp(events, {
        store: await startedStore(),
        experiment: changed,
        onChangedDefinition: 'new-phase',
      })
      return (await looped.tickAt(31 * MINUTE)).audit!.sampleRatio!.logBayesFactor
    }
    const alone = audit(experiment, phase(experiment, 1, 8), { asOf: START + 31 * MINUTE, phase: 1 })
    const together = await logBayesFactor([...phase(experiment, 1, 8), ...two])
    expect(together).toBeCloseTo((await logBayesFactor(two)) + alone.sampleRatio!.logBayesFactor, 9)
    expect(alone.sampleRatio!.logBayesFactor).toBeGreaterThan(0.5)
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

import { defineExperiment } from '@fairtrial/protocol'
import { expect, it } from 'vitest'
import { definition, isExposure, MINUTE, START, syntheticLog } from '../../../fidelity/test/synthetic-log.ts'
import { makeReadiness } from '../../test/fixture.ts'
import { setUp } from '../../test/looped.ts'
import { memoryStateStore } from '../testing/index.ts'
import { createController } from './controller.ts'
import { orderRollout } from './order-rollout.ts'
import type { StateStore } from './state-store.ts'

const experiment = defineExperiment({
  ...definition,
  hypothesis: { ...definition.hypothesis, horizon: '1d' },
  analysis: { method: 'group-sequential', maximumUnits: 2_000, looks: 5, alpha: 0.05 },
  ramp: { ...definition.ramp, start: { readiness: true, approvals: 1 } },
})
const WEEK = 7 * 24 * 60 * MINUTE
const BY = { by: 'bob', reason: 'Seen in staging.' }

const approve = (store: StateStore, now: number, seen = 1) =>
  orderRollout(store, experiment, { ...BY, action: 'approve', now, seen })
const ready = (store: StateStore, now: number) =>
  orderRollout(store, experiment, { ...BY, action: 'ready', report: makeReadiness(experiment, now), now })

it('FEATURES A11: takes no look while the start is awaited, and starts by itself when all is there', async () => {
  // What somebody exposes before the start has no business to.
  const events = syntheticLog({ of: experiment, units: 400 })
  const { controller: _, tickAt, store, append } = setUp(events, { experiment })
  const first = await tickAt(0)
  expect(first).toMatchObject({ leader: true, evaluation: null, audit: null, eventsRead: 0, error: null })
  expect(first.decision?.rule).toBe('awaiting-start')
  // Longer than the longest hold, the oldest data, and the horizon.
  const waited = await tickAt(WEEK)
  expect(waited.state).toMatchObject({ revision: 1, trafficPercent: 0, awaitsStart: true })
  expect(await store.looks(experiment.key, 1)).toBeNull()

  await approve(store, START + WEEK)
  expect((await tickAt(WEEK)).transitions).toEqual([])
  await ready(store, START + WEEK)
  const started = await tickAt(WEEK + MINUTE)
  expect(started.transitions).toHaveLength(1)
  expect(started.transitions[0]).toMatchObject({ by: 'controller', decision: { rule: 'start' } })
  expect(started.state).toMatchObject({
    status: 'running',
    trafficPercent: 100,
    startedAt: START + WEEK + MINUTE,
    revision: 4,
  })

  const shift = WEEK + MINUTE
  append(
    syntheticLog({ of: experiment, units: 400, seed: 2 }).map((event) =>
      isExposure(event)
        ? { ...event, revision: 4, exposedAt: event.exposedAt + shift, receivedAt: event.receivedAt! + shift }
        : { ...event, occurredAt: event.occurredAt + shift, receivedAt: event.receivedAt! + shift },
    ),
  )
  const looked = await tickAt(WEEK + 32 * MINUTE)
  expect(looked.evaluation?.units).toMatchObject({ control: expect.any(Number) })
  // The horizon counts from the start: this is no final look, and nothing has stopped.
  expect(looked.decision?.rule).not.toBe('plan-end')
  const leak = looked.audit?.findings.find(({ code }) => code === 'leak')
  expect(leak?.evidence['found']).toBe(400)
  expect(looked.state?.status).toBe('holding')
})

it('FEATURES A11: a restart awaits the start on, and who starts it by hand meanwhile is heard', async () => {
  const store = memoryStateStore()
  const clock = { now: () => START }
  const log = { readFrom: async () => ({ events: [], cursor: 0, bytesRead: 0, unreadableLines: 0 }) }
  const begin = (own: StateStore) => createController({ experiment, log, store: own, clock })
  await begin(store).tick()
  await approve(store, START)
  await ready(store, START)
  const raced: StateStore = {
    ...store,
    async compareAndSet(transition, expected, options) {
      if (transition.by === 'controller') {
        await orderRollout(store, experiment, { ...BY, action: 'advance', now: START })
      }
      return store.compareAndSet(transition, expected, options)
    },
  }
  // The loser has not looked at what has started: it judges nothing by that.
  const lost = await begin(raced).tick()
  expect(lost).toMatchObject({ state: { status: 'running', revision: 4 }, decision: null, transitions: [] })
  expect((await begin(store).tick()).decision?.rule).toBe('stage-time')
  expect((await store.transitions(experiment.key)).map(({ by }) => by)).toEqual([
    'controller',
    'bob',
    'bob',
    'bob',
  ])
})

it('FEATURES J4: a word about the start is none about the stage that it began, nor is one about nothing seen', async () => {
  const stages = [{ ...experiment.ramp.stages[0]!, approvals: 1 }]
  const asking = defineExperiment({ ...definition, ramp: { stages, start: { approvals: 1 } } })
  const store = memoryStateStore()
  const log = { readFrom: async () => ({ events: [], cursor: 0, bytesRead: 0, unreadableLines: 0 }) }
  const controller = createController({ experiment: asking, log, store, clock: { now: () => START } })
  await controller.tick()
  const order = { ...BY, action: 'approve', now: START } as const
  await expect(orderRollout(store, asking, order)).rejects.toMatchObject({ code: 'invalid-argument' })
  await orderRollout(store, asking, { ...order, seen: 1 })
  expect((await controller.tick()).state).toMatchObject({ status: 'running', revision: 3, approvals: [] })
  // Ann was a second slower: what she has seen is the start.
  const late = orderRollout(store, asking, { ...order, by: 'ann', seen: 1 })
  await expect(late).rejects.toMatchObject({ code: 'revision-conflict' })
  expect((await store.read(asking.key))?.approvals).toEqual([])
  await orderRollout(store, asking, { ...order, by: 'ann', seen: 3 })
  expect((await store.read(asking.key))?.approvals).toMatchObject([{ by: 'ann' }])
})

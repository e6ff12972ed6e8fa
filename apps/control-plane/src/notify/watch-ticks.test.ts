import { sampleExposure, sampleOutcome } from '@fairtrial/exposure/testing'
import { defineExperiment, type LogEvent } from '@fairtrial/protocol'
import { createController, type StateStore, type TickResult } from '@fairtrial/rollout/controller'
import { memoryStateStore } from '@fairtrial/rollout/testing'
import { expect, it } from 'vitest'
import { definition } from '../../test/trial.ts'
import { watchTicks } from './watch-ticks.ts'

const NOW = 1_767_225_660_000

/** What crashes for everybody, under a guardrail that aborts by its hard limit, or only alerts. */
const guarded = (action: 'abort' | 'alert') =>
  defineExperiment({
    ...definition,
    metrics: {
      ...definition.metrics,
      crashed: { type: 'proportion', role: 'guardrail', direction: 'decrease', window: '1h' },
    },
    guardrails: [
      {
        metric: 'crashed',
        margin: { absolute: 0.01 },
        action,
        ...(action === 'abort' && { hardLimit: { worst: 0.1, minimumUnits: 10 } }),
      },
    ],
  })

function crashes({ key, fingerprint }: { key: string; fingerprint: string }): LogEvent[] {
  return Array.from({ length: 20 }, (_, i) => {
    const [unitId, producerId] = [`viewer-${i}`, 'service-1']
    return [
      sampleExposure({
        experiment: key,
        fingerprint,
        variant: 'new',
        unitId,
        exposureId: `of ${unitId}`,
        producerId,
        sequence: 2 * i + 1,
      }),
      sampleOutcome({
        name: 'crashed',
        unitId,
        producerId,
        sequence: 2 * i + 2,
        outcomeId: `${producerId}:${2 * i + 2}`,
      }),
    ]
  }).flat()
}

function setUp(action: 'abort' | 'alert', change: (store: StateStore) => StateStore = (store) => store) {
  const experiment = guarded(action)
  const world = { now: NOW, failing: false }
  const events = crashes(experiment)
  const store = change(memoryStateStore())
  const controller = createController({
    experiment,
    log: {
      async readFrom(cursor) {
        if (world.failing) throw new Error('The broker is down.')
        return { events: cursor === null ? events : [], cursor: 1, bytesRead: 0, unreadableLines: 0 }
      },
    },
    store,
    clock: { now: () => world.now },
  })
  const watch = watchTicks()
  const tick = async () => {
    const result: TickResult = await controller.tick()
    world.now += 1_000
    return { result, told: watch(experiment, result) }
  }
  return { experiment, world, tick, store }
}

it('FAULTS 58: a rollback that cannot be stored is decided anew at every look, for ever, with an alert', async () => {
  let isDown = true
  let attempts = 0
  const { tick, store } = setUp('abort', (inner) => ({
    ...inner,
    async compareAndSet(...args: Parameters<StateStore['compareAndSet']>) {
      if (args[0].to.status !== 'aborted') return inner.compareAndSet(...args)
      attempts += 1
      if (isDown) throw new Error('The database is read-only.')
      return inner.compareAndSet(...args)
    },
  }))
  const told = []
  for (let i = 0; i < 50; i++) told.push(...(await tick()).told)
  expect(attempts).toBe(50)
  expect((await store.read('home-row'))?.status).not.toBe('aborted')
  expect(told.map(({ kind, severity }) => [kind, severity])).toEqual([
    ['breach', 'warning'],
    ['failing', 'critical'],
  ])
  expect(told[1]?.title).toMatch(/CANNOT BE STORED.*The database is read-only/)

  isDown = false
  const { result, told: after } = await tick()
  expect(result.state).toMatchObject({ status: 'aborted', trafficPercent: 0 })
  expect(after).toMatchObject([{ kind: 'recovered', title: 'home-row: decisions are stored again.' }])
})

it('tells looks that fail in a row, once, and that they succeed again', async () => {
  const { world, tick } = setUp('alert')
  await tick()
  world.failing = true
  const told = []
  for (let i = 0; i < 20; i++) told.push(...(await tick()).told)
  expect(told).toMatchObject([
    {
      kind: 'failing',
      severity: 'warning',
      title: 'home-row: 4 looks in a row have failed: The broker is down.',
    },
  ])
  world.failing = false
  expect((await tick()).told).toMatchObject([{ kind: 'recovered' }])
  expect((await tick()).told).toEqual([])
})

it('FAULTS 57: tells a breach that only alerts once, also where it comes and goes', async () => {
  const { experiment, tick } = setUp('alert')
  const { result, told } = await tick()
  expect([result.state?.status, told]).toEqual([expect.not.stringMatching('aborted'), []])
  const { crashed } = result.evaluation!.metrics
  const comparison = crashed!.comparisons['new']!
  const guardrail = { ...comparison.guardrail!, verdict: 'breach', detail: '5 points worse.' } as const
  const breached: TickResult = {
    ...result,
    evaluation: {
      ...result.evaluation!,
      metrics: { crashed: { ...crashed!, comparisons: { new: { ...comparison, guardrail } } } },
    },
  }
  const watch = watchTicks()
  const toldAt = (minutes: number, seen: TickResult) =>
    watch(experiment, { ...seen, at: NOW + minutes * 60_000 }).map(({ title }) => title)
  const title = 'home-row: a guardrail is breached: crashed, new: 5 points worse.'
  expect(toldAt(0, breached)).toEqual([title])
  for (let minute = 1; minute < 60; minute++) {
    expect(toldAt(minute, minute % 2 === 1 ? result : breached)).toEqual([])
  }
  expect(toldAt(60, result)).toEqual([])
  expect(toldAt(61, breached)).toEqual([title])

  const wouldAbort = ['Guardrail crashed, in shadow, would have aborted.']
  const shadowed = { ...breached, decision: { ...result.decision!, wouldAbort } }
  expect(watchTicks()(experiment, shadowed)).toMatchObject([{ kind: 'breach', reasons: wouldAbort }])
})

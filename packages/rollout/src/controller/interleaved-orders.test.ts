import { defineExperiment } from '@fairtrial/protocol'
import type { Experiment, UnitEvent } from '@fairtrial/protocol'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { definition, START, syntheticLog } from '../../../fidelity/test/synthetic-log.ts'
import { HOUR, makeReadiness, MINUTE } from '../../test/fixture.ts'
import { brokenInvariants } from '../../test/invariants.ts'
import { harmful } from '../../test/looped.ts'
import type { OrderAction } from '../operate.ts'
import { memoryStateStore } from '../testing/index.ts'
import { createController } from './controller.ts'
import type { EventLog } from './event-log.ts'
import { orderRollout } from './order-rollout.ts'
import type { StateStore } from './state-store.ts'

const evidence = { minimumUnits: 20, maximumDataAge: '30d', maximumHold: '6h' } as const
const experiment = defineExperiment({
  ...definition,
  analysis: { ...definition.analysis, tuneAt: 400 },
  guardrails: [{ metric: 'started', margin: { absolute: 0.2 }, action: 'abort', evidence }],
  ramp: {
    stages: [
      { trafficPercent: 10, holdFor: '10m', minimumUnits: 20 },
      { trafficPercent: 50, holdFor: '10m', minimumUnits: 20, approvals: 1 },
      { trafficPercent: 100, holdFor: '10m', minimumUnits: 20 },
    ],
    coolDown: '20m',
  },
})
/** The same design, so that its log is one of this too, and open for a start first. */
const gated: Experiment = {
  ...experiment,
  ramp: { ...experiment.ramp, start: { readiness: true, maximumAge: '3h', approvals: 1 } },
}
const sound = syntheticLog({ of: experiment, units: 400 })
const logs: { readonly [kind: string]: readonly UnitEvent[] } = {
  sound,
  harmful: harmful(sound),
  empty: [],
}

/** The ports of one process: every call waits for its turn, before and after, and after its death for ever. */
function ports(s: fc.Scheduler, store: StateStore, log: EventLog<number>) {
  let isDead = false
  const never = () => new Promise<never>(() => undefined)
  const turn = async <T>(label: string, act: () => Promise<T>): Promise<T> => {
    await s.schedule(Promise.resolve(), label)
    if (isDead) return never()
    const result = await act()
    await s.schedule(Promise.resolve(), `${label} answers`)
    return isDead ? never() : result
  }
  const scheduled: StateStore = {
    ...store,
    read: (key) => turn('read', () => store.read(key)),
    compareAndSet: (event, expected, options) =>
      turn('compare and set', () => store.compareAndSet(event, expected, options)),
    looks: (key, phase) => turn('looks', () => store.looks(key, phase)),
    transitions: (key) => turn('transitions', () => store.transitions(key)),
  }
  const read: EventLog<number> = { readFrom: (cursor) => turn('log', () => log.readFrom(cursor)) }
  return {
    store: scheduled,
    log: read,
    die: () => {
      isDead = true
    },
  }
}

const roundOf = (actions: readonly OrderAction[]) =>
  fc.record({
    minutes: fc.constantFrom(1, 11, 25, 7 * 60),
    jump: fc.constantFrom(0, 0, -10 * HOUR, 10 * HOUR),
    kind: fc.constantFrom('tick', 'tick', 'kill', 'break', 'mend'),
    orders: fc.array(fc.record({ action: fc.constantFrom(...actions), by: fc.constantFrom('ada', 'bob') }), {
      maxLength: 2,
    }),
  })
const ORDERS = ['abort', 'hold', 'resume', 'advance', 'approve', 'retry'] as const

/** Two controllers, people, kills and clocks that jump, at every await point: what was reached, and in how many changes. */
async function race(experiment: Experiment, actions: readonly OrderAction[], numRuns: number) {
  const reached = new Set<string>()
  let changes = 0
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.constantFrom('sound', 'sound', 'harmful', 'empty'),
      fc.array(roundOf(actions), { minLength: 3, maxLength: 8 }),
      async (s, kind, rounds) => {
        let elapsed = 31 * MINUTE
        let wall = 0
        const clock = { now: () => START + elapsed + wall, monotonic: () => elapsed }
        let isBroken = false
        const all = logs[kind] ?? []
        const log: EventLog<number> = {
          async readFrom(cursor) {
            if (isBroken) throw new Error('disk on fire')
            return { events: all.slice(cursor ?? 0), cursor: all.length, bytesRead: 0, unreadableLines: 0 }
          },
        }
        const store = memoryStateStore()
        const begin = () => {
          const own = ports(s, store, log)
          return {
            ...own,
            controller: createController({
              experiment,
              clock,
              log: own.log,
              store: own.store,
              consecutiveErrorLimit: 1,
            }),
          }
        }
        const second = begin()
        let first = begin()
        for (const { minutes, jump, kind: what, orders } of rounds) {
          elapsed += minutes * MINUTE
          wall += jump
          isBroken = what === 'break'
          const person = ports(s, store, log)
          const seen = (await store.read(experiment.key))?.revision ?? 1
          const acts = [
            first.controller.tick(),
            second.controller.tick(),
            ...orders.map(({ action, by }) =>
              orderRollout(person.store, experiment, {
                action,
                by,
                reason: 'By hand.',
                now: START + elapsed,
                ...(action === 'approve' && { seen }),
                ...(action === 'ready' && { report: makeReadiness(experiment, START + elapsed) }),
              }).catch(({ code }: { code: string }) =>
                expect(['refused', 'revision-conflict']).toContain(code),
              ),
            ),
          ]
          for (const act of acts) act.catch(() => undefined)
          if (what === 'kill') {
            // Somewhere in the middle of its turn.
            for (let i = 0; i < 3 && s.count() > 0; i++) await s.waitNext(1)
            first.die()
            first = begin()
          }
          await s.waitIdle()
        }
        const journal = await store.transitions(experiment.key)
        const broken = journal.flatMap((event) => brokenInvariants(experiment, event))
        expect(broken).toEqual([])
        expect(journal.map(({ to }) => to.revision)).toEqual(journal.map((_, i) => i + 1))
        for (const { to, by } of journal) reached.add(`${to.status} at stage ${to.stage + 1} by ${by}`)
        changes += journal.length

        // Nobody disturbs it any more: harm is over with one look, whatever has gone before.
        isBroken = false
        const last = createController({ experiment, clock, log, store })
        const turn = await last.tick()
        // A start is no look.
        const { state } = turn.decision?.rule === 'start' ? await last.tick() : turn
        // What awaits its start harms nobody; what has started by a clock that was set back sees nothing of the log yet.
        const isSeen = experiment.ramp.start === undefined || (state?.awaitsStart === false && wall >= 0)
        if (kind === 'harmful' && state?.phase === 1 && isSeen) expect(state.status).toBe('aborted')
      },
    ),
    { seed: 29, numRuns },
  )
  return { changes, reached }
}

it('FAULTS 56: two controllers, people, kills and clocks that jump, at every await point: each change holds what must always hold', async () => {
  const { changes, reached } = await race(experiment, ORDERS, 150)
  expect(changes).toBeGreaterThan(250)
  for (const place of ['holding at stage 1', 'aborted at stage 1', 'running at stage 3'])
    expect(reached).toContain(`${place} by controller`)
}, 120_000)

it('FEATURES A11, J4: the same where a start is awaited, which controllers and people race to make', async () => {
  const { reached } = await race(gated, [...ORDERS, 'ready', 'ready', 'approve', 'approve'], 100)
  for (const place of ['running', 'aborted']) expect(reached).toContain(`${place} at stage 1 by controller`)
}, 120_000)

import { describe, expect, it } from 'vitest'
import { MINUTE } from '../../test/fixture.ts'
import { harmfulTrial, journalFaults, killAt, replicasOf } from '../../test/replicas.ts'
import { memoryLeases, memoryStateStore } from '../testing/index.ts'
import { abortRollout } from './abort-rollout.ts'
import type { StateStore } from './state-store.ts'

function setUp(change: (store: StateStore) => Partial<StateStore> = () => ({})) {
  let now = 0
  const leases = memoryLeases({ ttlMs: 1_000, now: () => now })
  const memory = memoryStateStore({ leases })
  const store = { ...memory, ...change(memory) }
  const lapse = async () => {
    now += 1_000
  }
  return { store, memory, leaseOf: leases.leaseOf, lapse }
}

describe('replicas', () => {
  it('one leads, and the other keeps its evidence warm, decides what it would do, and changes nothing', async () => {
    const { store, leaseOf, lapse } = setUp()
    const trial = harmfulTrial('ranking')
    const { start } = replicasOf(trial, { store, leaseOf })
    const [ada, bob] = [start('ada'), start('bob')]
    expect(await ada.tickAt(0)).toMatchObject({ leader: true, state: { revision: 1 } })
    await bob.tickAt(0)
    const warm = await bob.tickAt(51 * MINUTE)
    expect(warm).toMatchObject({
      leader: false,
      transitions: [],
      decision: { action: 'abort' },
      state: { status: 'running', revision: 1 },
    })
    expect(warm?.eventsRead).toBe(trial.events.length)
    expect(await store.transitions('ranking')).toHaveLength(1)
    expect(await store.looks('ranking', 1)).toBeNull()

    await lapse()
    expect(await bob.tickAt(51 * MINUTE)).toMatchObject({
      leader: true,
      eventsRead: 0,
      state: { status: 'aborted', revision: 2 },
      transitions: [{ by: 'bob' }],
    })
    const looks = (await store.looks('ranking', 1))?.looks ?? []
    expect(looks.length).toBeGreaterThan(0)
    // Who follows tells the looks of whoever leads, and spends nothing.
    const follower = await ada.tickAt(51 * MINUTE)
    expect(follower).toMatchObject({ leader: false, transitions: [], state: { status: 'aborted' } })
    expect(follower?.evaluation?.looks.looks).toEqual(looks)
  })

  it('a follower waits where no leader has begun', async () => {
    const { store, leaseOf } = setUp()
    await leaseOf('ada').acquire()
    const { start } = replicasOf(harmfulTrial('ranking'), { store, leaseOf })
    expect(await start('bob').tickAt(0)).toMatchObject({ leader: false, state: null, error: null })
    expect(await store.transitions('ranking')).toEqual([])
  })

  it('FAULTS 55: a leader that slept through its lease finds it gone, and does not act', async () => {
    const { store, leaseOf, lapse } = setUp()
    const { start } = replicasOf(harmfulTrial('ranking'), { store, leaseOf })
    const ada = start('ada')
    await ada.tickAt(0)
    // It wakes with a decision in hand, and nobody else has noticed yet.
    const sleeping = { ...store, read: async (key: string) => (await lapse(), store.read(key)) }
    const asleep = replicasOf(harmfulTrial('ranking'), { store: sleeping, leaseOf: () => ada.lease }).start(
      'ada',
    )
    expect(await asleep.tickAt(53 * MINUTE)).toMatchObject({ leader: false, decision: { action: 'abort' } })
    expect(await store.read('ranking')).toMatchObject({ revision: 1 })
  })

  it('FAULTS 55: what a stale leader writes after all is refused by the store', async () => {
    const { store, memory, leaseOf, lapse } = setUp()
    const trial = harmfulTrial('ranking')
    const ada = leaseOf('ada')
    await ada.acquire()
    const bob = leaseOf('bob')
    // Between its look at the clock and the write of its transition another has taken the lease.
    const stalled: StateStore = {
      ...store,
      async compareAndSet(event, expected, options) {
        await lapse()
        await bob.acquire()
        return memory.compareAndSet(event, expected, options)
      },
    }
    const stale = replicasOf(trial, { store: stalled, leaseOf: () => ada }).start('ada')
    await replicasOf(trial, { store, leaseOf: () => ada })
      .start('ada')
      .tickAt(0)
    expect(await stale.tickAt(53 * MINUTE)).toMatchObject({
      leader: false,
      transitions: [],
      state: { status: 'running', revision: 1 },
    })
    expect(await memory.transitions('ranking')).toHaveLength(1)
  })

  it('FAULTS 59: an abort by hand needs neither the lease nor a loop, and the leader goes on from it', async () => {
    const { store, leaseOf } = setUp()
    const trial = harmfulTrial('ranking')
    const ada = replicasOf(trial, { store, leaseOf }).start('ada')
    await ada.tickAt(0)
    await abortRollout(store, trial.experiment, { by: 'grace', reason: 'Complaints.', now: 1 })
    expect(await ada.tickAt(53 * MINUTE)).toMatchObject({
      leader: true,
      transitions: [],
      state: { status: 'aborted', cause: 'Complaints.' },
    })
  })

  it('FAULTS 56: killed at any await of its life, a leader leaves each decision made exactly once', async () => {
    const trial = harmfulTrial('ranking')
    let kills = 0
    for (let isKilled = true; isKilled; ) {
      const ports = setUp()
      const { died, journal } = await killAt(kills + 1, trial, ports)
      expect(journalFaults(journal), `killed at await ${kills + 1}`).toEqual([])
      const looks = (await ports.store.looks('ranking', 1))?.looks ?? []
      const once = new Set(looks.map(({ metric, variant, look }) => `${metric} ${variant} ${look}`))
      expect(once.size, `looks, killed at await ${kills + 1}`).toBe(looks.length)
      isKilled = died
      if (died) kills++
    }
    expect(kills).toBeGreaterThan(30)
  })
})

import type { TransitionEvent } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { makeExperiment } from '../../test/fixture.ts'
import { operate } from '../operate.ts'
import { startRollout } from '../start.ts'
import { memoryStateStore } from '../testing/index.ts'
import { openPhase } from '../transition.ts'
import { orderRollout } from './order-rollout.ts'
import type { StateStore } from './state-store.ts'

const experiment = makeExperiment()
const ada = { by: 'ada', reason: 'Look at the latency.', now: 9_000 }

async function started(): Promise<StateStore> {
  const store = memoryStateStore()
  const state = startRollout(experiment, { now: 1_000 })
  await store.compareAndSet(openPhase(experiment, null, state, 'controller'), null)
  return store
}

/** Between its read and its write somebody else advances, once. */
function raced(store: StateStore): StateStore {
  let isFirst = true
  return {
    ...store,
    async compareAndSet(transition: TransitionEvent, expected: number | null) {
      const seen = await store.read(experiment.key)
      if (isFirst && seen !== null) {
        const theirs = operate(
          experiment,
          seen,
          { action: 'advance', by: 'bob', reason: 'Go.' },
          8_000,
        ) as TransitionEvent
        await store.compareAndSet(theirs, seen.revision)
      }
      isFirst = false
      return store.compareAndSet(transition, expected)
    },
  }
}

describe('orderRollout', () => {
  it('stores the order, one revision on', async () => {
    const store = await started()
    const { state, transition } = await orderRollout(store, experiment, { ...ada, action: 'hold' })
    expect(state).toMatchObject({ status: 'holding', heldBy: 'ada', revision: 2 })
    expect((await store.transitions(experiment.key)).at(-1)).toEqual(transition)
    expect(await orderRollout(store, experiment, { ...ada, action: 'hold' })).toEqual({
      state,
      transition: null,
    })
  })

  it('FAULTS 59: asks a hold again of the state that it lost to, and never advances twice', async () => {
    const store = await started()
    const held = await orderRollout(raced(store), experiment, { ...ada, action: 'hold' })
    expect(held.state).toMatchObject({ status: 'holding', stage: 1, revision: 3 })

    const other = await started()
    const late = orderRollout(raced(other), experiment, { ...ada, action: 'advance' })
    await expect(late).rejects.toMatchObject({ code: 'revision-conflict' })
    expect(await other.read(experiment.key)).toMatchObject({ stage: 1, revision: 2 })
  })

  it('is refused where another revision is in force than was seen, but for an abort', async () => {
    const store = await started()
    const given = { ...ada, seen: 4 }
    await expect(orderRollout(store, experiment, { ...given, action: 'advance' })).rejects.toMatchObject({
      code: 'revision-conflict',
    })
    const { state } = await orderRollout(store, experiment, { ...given, action: 'abort' })
    expect(state.status).toBe('aborted')
  })

  it('says so where no rollout was started', async () => {
    const order = orderRollout(memoryStateStore(), experiment, { ...ada, action: 'resume' })
    await expect(order).rejects.toThrow('There is no rollout of ranking to resume.')
  })
})

import { expect, it } from 'vitest'
import type { RolloutState } from '@fairtrial/protocol'
import { fileStateStore, runningSince } from './index.ts'

it('tells since when a phase runs, and nothing of one that is over, or of what is no experiment', async () => {
  const of = (state: Partial<RolloutState> | null) =>
    runningSince({ read: async () => state as RolloutState | null }, 'autoplay')
  for (const status of ['running', 'holding', 'baking'] as const)
    expect(await of({ status, startedAt: 7 })).toBe(7)
  for (const status of ['aborted', 'stopped', 'shipped'] as const)
    expect(await of({ status, startedAt: 7 })).toBeNull()
  expect(await of(null)).toBeNull()
  const store = fileStateStore({ directory: '/nowhere' })
  expect(await runningSince(store, '../../secrets')).toBeNull()
  const down = { read: async () => Promise.reject(new Error('down')) }
  await expect(runningSince(down, 'autoplay')).rejects.toThrow('down')
})

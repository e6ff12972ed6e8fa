import type { Incomplete } from '@fairtrial/rollout'
import type { EventLog } from '@fairtrial/rollout/controller'
import { expect, it } from 'vitest'
import { joinLogs } from './join-logs.ts'

const logWith = (incomplete?: Incomplete): EventLog => ({
  readFrom: async () => ({
    events: [],
    cursor: 1,
    bytesRead: 0,
    unreadableLines: 0,
    ...(incomplete && { incomplete }),
  }),
})

it('lacks what any of them lacks, and nothing where none does', async () => {
  const some: Incomplete = { detail: 'One lags.', lacks: ['outcomes'] }
  const more: Incomplete = { detail: 'So does another.', lacks: ['outcomes', 'measurements'] }
  expect((await joinLogs([logWith(), logWith(some), logWith(more)]).readFrom(null)).incomplete).toEqual({
    detail: 'One lags. So does another.',
    lacks: ['outcomes', 'measurements'],
  })
  expect(await joinLogs([logWith(), logWith()]).readFrom(null)).not.toHaveProperty('incomplete')
})

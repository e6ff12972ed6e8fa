import type { Incomplete } from '@fairtrial/rollout'
import type { EventLog } from '@fairtrial/rollout/controller'
import { expect, it } from 'vitest'
import { joinLogs } from './join-logs.ts'
import { shareReads } from './share-reads.ts'

it('tells what retention took from each of the logs, to all who read', async () => {
  const logOf = (producerId: string, upTo: number): EventLog => ({
    readFrom: async (cursor) => ({
      events: [],
      cursor: 1,
      bytesRead: 0,
      unreadableLines: 0,
      ...(cursor === null && { removed: [{ producerId, upTo }] }),
    }),
  })
  const log = shareReads(joinLogs([logOf('tv-1', 3), logOf('tv-2', 5)]))
  const [first, same] = await Promise.all([log.readFrom(null), log.readFrom(null)])
  expect(first.removed).toEqual([
    { producerId: 'tv-1', upTo: 3 },
    { producerId: 'tv-2', upTo: 5 },
  ])
  expect(same.removed).toEqual(first.removed)
  expect((await log.readFrom(first.cursor)).removed).toEqual([])
})

it('lacks what any of them lacks, and nothing where none does', async () => {
  const logWith = (incomplete?: Incomplete): EventLog => ({
    readFrom: async () => ({
      events: [],
      cursor: 1,
      bytesRead: 0,
      unreadableLines: 0,
      ...(incomplete && { incomplete }),
    }),
  })
  const some: Incomplete = { detail: 'One lags.', lacks: ['outcomes'] }
  const more: Incomplete = { detail: 'So does another.', lacks: ['outcomes', 'measurements'] }
  expect((await joinLogs([logWith(), logWith(some), logWith(more)]).readFrom(null)).incomplete).toEqual({
    detail: 'One lags. So does another.',
    lacks: ['outcomes', 'measurements'],
  })
  expect(await joinLogs([logWith(), logWith()]).readFrom(null)).not.toHaveProperty('incomplete')
})

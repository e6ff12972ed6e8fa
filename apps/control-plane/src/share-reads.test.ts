import { sampleOutcome } from '@fairtrial/exposure/testing'
import type { LogBatch } from '@fairtrial/rollout/controller'
import { expect, it } from 'vitest'
import { shareReads } from './share-reads.ts'

/** A log that answers when it is told to. */
function heldLog() {
  const asked: {
    readonly cursor: number | null
    readonly answer: (batch: LogBatch<number> | Error) => void
  }[] = []
  const log = shareReads<number>({
    readFrom: (cursor) =>
      new Promise((resolve, reject) => {
        asked.push({
          cursor,
          answer: (batch) => (batch instanceof Error ? reject(batch) : resolve(batch)),
        })
      }),
  })
  const answer = async (batch: LogBatch<number> | Error) => {
    await expect.poll(() => asked.length).toBeGreaterThan(0)
    asked.shift()!.answer(batch)
  }
  return { log, asked, answer }
}

const portion = (cursor: number): LogBatch<number> => ({
  events: [sampleOutcome({ outcomeId: String(cursor) })],
  cursor,
  bytesRead: 1,
  unreadableLines: 0,
})

it('reads once for all who wait for the same portion, and one portion at a time', async () => {
  const { log, asked, answer } = heldLog()
  const first = log.readFrom(null)
  await expect.poll(() => asked.length).toBe(1)
  // The first one is under way: what has come since is not in it.
  const waiting = [log.readFrom(null), log.readFrom(null), log.readFrom(1)]
  expect(asked.map(({ cursor }) => cursor)).toEqual([null])
  await answer(portion(1))
  expect(await first).toEqual(portion(1))
  await answer(portion(2))
  expect(await Promise.all(waiting.slice(0, 2))).toEqual([portion(2), portion(2)])
  await answer(portion(3))
  expect(await waiting[2]).toEqual(portion(3))
  expect(asked).toEqual([])
})

it('a read that fails fails for those who waited for it, and holds nobody else up', async () => {
  const { log, answer } = heldLog()
  const failing = [log.readFrom(1), log.readFrom(1)]
  const next = log.readFrom(2)
  await answer(new Error('EIO'))
  for (const read of failing) await expect(read).rejects.toThrow('EIO')
  await answer(portion(3))
  expect(await next).toEqual(portion(3))
})

import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StateStore } from '@fairtrial/rollout/controller'
import type { RolloutLoop } from './rollout-loop.ts'

/** A store that does not answer for so long is not there. */
const STORE_TIMEOUT_MS = 5_000

/** A loop that has not turned for so many of its turns, or for ten seconds if that is longer, stands still. */
const TURNS = 5

/** What stands in the way: the store, the log, a loop. A sentence each; none: ready. */
export async function unreadinessOf(parts: {
  readonly store: StateStore
  readonly loops: readonly RolloutLoop[]
  /** Of the log. */
  readonly directory: string
  readonly tickMs: number
  readonly now: () => number
}): Promise<readonly string[]> {
  const { store, loops, directory, tickMs, now } = parts
  const stillMs = Math.max(10_000, TURNS * tickMs)
  const standing = loops.flatMap((loop) => {
    const silentMs = now() - (loop.lastTick()?.at ?? now())
    return silentMs > stillMs ? [`The loop of ${loop.experiment.key} has not turned for ${silentMs} ms.`] : []
  })
  const [unreadable, unwritable] = await Promise.all([
    firstFailure(
      loops.map(({ experiment }) => within(STORE_TIMEOUT_MS, store.read(experiment.key))),
      'The state cannot be read',
    ),
    firstFailure([probe(directory)], 'The log cannot be written'),
  ])
  const foreign = loops.map((loop) => loop.foreign()).filter((why) => why !== null)
  return [...unreadable, ...unwritable, ...standing, ...foreign]
}

async function firstFailure(attempts: readonly Promise<unknown>[], what: string): Promise<string[]> {
  const failed = (await Promise.allSettled(attempts)).find(({ status }) => status === 'rejected')
  return failed?.status === 'rejected' ? [`${what}: ${(failed.reason as Error).message}`] : []
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const stop = new AbortController()
  const tooLate = sleep(ms, undefined, { signal: stop.signal }).then(() => {
    throw new Error(`no answer within ${ms} ms`)
  })
  try {
    return await Promise.race([work, tooLate])
  } finally {
    stop.abort()
    tooLate.catch(() => undefined)
  }
}

/** Permissions tell nothing of a full disk: something is written. */
async function probe(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true })
  const path = join(directory, `ready.${process.pid}.probe`)
  try {
    const file = await open(path, 'w')
    try {
      await file.writeFile('written\n')
    } finally {
      await file.close()
    }
  } finally {
    await rm(path, { force: true })
  }
}

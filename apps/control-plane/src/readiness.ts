import type { StateStore } from '@fairtrial/rollout/controller'
import type { PlaneLog } from './plane-log.ts'
import type { RolloutLoop } from './rollout-loop.ts'
import { STORE_PATIENCE_MS, within } from './within.ts'

/** A loop that has not turned for so many of its turns, or for ten seconds if that is longer, stands still. */
const TURNS = 5

/** What stands in the way of doing the job. */
export interface Obstacle {
  /** For everybody, without a full stop. */
  readonly what: string
  /** In the words of a disk or a database: paths and addresses, for those who are known. */
  readonly why?: string
}

/** How long an answer holds: whoever asks more often costs no more. */
const HOLDS_MS = 1_000

/** Asks anew once a second at most. */
export function keptFor<T>(ask: () => Promise<T>, now: () => number): () => Promise<T> {
  let last: { readonly at: number; readonly answer: Promise<T> } | null = null
  return () => {
    if (last === null || now() - last.at >= HOLDS_MS) last = { at: now(), answer: ask() }
    return last.answer
  }
}

/** The store, the log, a loop; none: ready. */
export async function unreadinessOf(parts: {
  readonly store: StateStore
  readonly loops: readonly RolloutLoop[]
  readonly log: Pick<PlaneLog, 'checkWritable'>
  readonly tickMs: number
  readonly now: () => number
}): Promise<readonly Obstacle[]> {
  const { store, loops, log, tickMs, now } = parts
  const stillMs = Math.max(10_000, TURNS * tickMs)
  const standing = loops.flatMap((loop) => {
    const silentMs = now() - (loop.lastTick()?.at ?? now())
    return silentMs > stillMs
      ? [{ what: `The loop of ${loop.experiment.key} has not turned for ${silentMs} ms` }]
      : []
  })
  const [unreadable, unwritable] = await Promise.all([
    firstFailure(
      loops.map(({ experiment }) => within(STORE_PATIENCE_MS, store.read(experiment.key))),
      'The state cannot be read',
    ),
    firstFailure([within(STORE_PATIENCE_MS, log.checkWritable())], 'The log cannot be written'),
  ])
  const foreign = loops.flatMap((loop) => {
    const why = loop.foreign()
    return why === null ? [] : [{ what: `The state of ${loop.experiment.key} is of another definition`, why }]
  })
  return [...unreadable, ...unwritable, ...standing, ...foreign]
}

async function firstFailure(attempts: readonly Promise<unknown>[], what: string): Promise<Obstacle[]> {
  const failed = (await Promise.allSettled(attempts)).find(({ status }) => status === 'rejected')
  return failed?.status === 'rejected' ? [{ what, why: (failed.reason as Error).message }] : []
}

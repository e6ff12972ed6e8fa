import type { TrailEntry } from '@fairtrial/rollout'
import type { TrailFact } from './chain.ts'
import type { TrailStore } from './trail-store.ts'

/** Facts that may wait for a disk that does not take them. */
const MAXIMUM_PENDING = 10_000
const RETRY_AFTER_MS = 1_000
/** Whoever reads waits no longer for a disk that hangs. */
const SETTLED_WITHIN_MS = 2_000

/** Takes facts at once, and writes them when the disk does: whoever tells them never waits. */
export interface TrailQueue {
  /** Resolves when the fact is durable; rejects where it was left out, because too many wait. */
  put(fact: TrailFact): Promise<TrailEntry>
  /** Resolves when what waits is written, when a write has failed, and in any case soon. */
  settled(): Promise<void>
  readonly pending: number
  /** Writes that failed. */
  readonly failures: number
  /** Facts that were left out. */
  readonly lost: number
  /** Tries once more to write what waits. */
  close(): Promise<void>
}

interface Waiting {
  readonly fact: TrailFact
  readonly resolve: (entry: TrailEntry) => void
  readonly reject: (error: Error) => void
}

export function createTrailQueue(store: TrailStore, log: (line: string) => void): TrailQueue {
  const waiting: Waiting[] = []
  let failures = 0
  let lost = 0
  let isFailing = false
  let isClosed = false
  let writing: Promise<void> | null = null
  let retry: ReturnType<typeof setTimeout> | null = null

  /** Everything that waits goes in one write. */
  async function write(): Promise<void> {
    while (waiting.length > 0) {
      const taken = waiting.slice(0, 1_000)
      let entries: readonly TrailEntry[]
      try {
        entries = await store.append(taken.map(({ fact }) => fact))
      } catch (error) {
        failures += 1
        if (!isFailing) log(`trail: ${taken.length} entries wait: ${(error as Error).message}`)
        isFailing = true
        retry = setTimeout(begin, RETRY_AFTER_MS).unref()
        return
      }
      if (isFailing) log('trail: entries are written again.')
      isFailing = false
      waiting.splice(0, taken.length)
      for (const [i, entry] of entries.entries()) taken[i]?.resolve(entry)
    }
  }

  function begin(): void {
    retry = null
    writing ??= write().finally(() => {
      writing = null
      // What came while the last write was ending.
      if (waiting.length > 0 && retry === null) begin()
    })
  }

  return {
    put(fact) {
      return new Promise((resolve, reject) => {
        if (isClosed || waiting.length >= MAXIMUM_PENDING) {
          lost += 1
          const why = isClosed ? 'it is closed' : 'too many entries wait'
          reject(new Error(`The trail cannot be written: ${why}.`))
          return
        }
        waiting.push({ fact, resolve, reject })
        if (retry === null) begin()
      })
    },
    async settled() {
      if (writing === null) return
      const soon = new Promise<void>((resolve) => setTimeout(resolve, SETTLED_WITHIN_MS).unref())
      await Promise.race([writing, soon])
    },
    get pending() {
      return waiting.length
    },
    get failures() {
      return failures
    },
    get lost() {
      return lost
    },
    async close() {
      isClosed = true
      if (retry !== null) clearTimeout(retry)
      await writing
      if (waiting.length > 0) await write()
      if (retry !== null) clearTimeout(retry)
      for (const { reject } of waiting.splice(0)) reject(new Error('The trail was closed.'))
      await store.close()
    },
  }
}

import { ExperimentError } from '@fairtrial/protocol'
import { Refused } from './refused.ts'

/** Between two attempts to store an abort. */
const REST_MS = 1_000

/** Aborts that were ordered and could not be stored. */
export interface PendingAborts {
  /**
   * Stores an abort by `store`. Where the store fails, it is tried again for ever, and until then no lease is granted
   * from here: the treatment ends with the leases that run. Rejects with 503 meanwhile.
   */
  attempt<T>(key: string, store: () => Promise<T>): Promise<T>
  /** Why no lease is granted; null where nothing is pending. */
  withheld(): string | null
  close(): void
}

/** Holds the kill switch down where the store cannot be written: a read-only database, a full disk. */
export function holdAborts(log: (line: string) => void): PendingAborts {
  const pending = new Map<string, NodeJS.Timeout>()

  function tryLater(key: string, store: () => Promise<unknown>): void {
    clearTimeout(pending.get(key))
    const again = async () => {
      try {
        await store()
        log(`${key}: THE ABORT IS STORED. Leases are granted again.`)
      } catch (error) {
        if (isStoreAway(error)) return tryLater(key, store)
        log(`${key}: the abort that was waiting is over: ${(error as Error).message}`)
      }
      pending.delete(key)
    }
    pending.set(
      key,
      setTimeout(() => void again(), REST_MS),
    )
  }

  return {
    async attempt(key, store) {
      try {
        const stored = await store()
        clearTimeout(pending.get(key))
        pending.delete(key)
        return stored
      } catch (error) {
        if (!isStoreAway(error)) throw error
        const { message, remedy } = error
        log(
          `${key}: THE ABORT CANNOT BE STORED, and is tried again. No lease is granted until it is. ${message}`,
        )
        tryLater(key, store)
        throw new Refused(503, 'abort-pending', `The abort of ${key} cannot be stored yet: ${message}`, {
          remedy: `It is tried again every second, and no lease is granted from here until it is stored. ${remedy}`,
        })
      }
    },
    withheld: () =>
      pending.size === 0 ? null : `An abort of ${[...pending.keys()].join(', ')} waits to be stored.`,
    close() {
      for (const timer of pending.values()) clearTimeout(timer)
    },
  }
}

function isStoreAway(error: unknown): error is ExperimentError {
  return error instanceof ExperimentError && ['io', 'unreachable', 'invalid-state'].includes(error.code)
}

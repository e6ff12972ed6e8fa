import { ExperimentError } from '@fairtrial/protocol'
import type { AbortAlarm } from '@fairtrial/rollout/controller'
import { detailOf, Refused } from './refused.ts'

/** Between two attempts to store an abort. */
const REST_MS = 1_000
/** How long an abort counts as pending that another replica has told of, and tells again every second. */
const HEARD_MS = 5 * REST_MS

/** Aborts that were ordered and could not be stored. */
export interface PendingAborts {
  /**
   * Stores an abort by `store`. Where the store fails, it is tried again for ever, and until then no lease is granted,
   * neither from here nor from replicas that hear the alarm: the treatment ends with the leases that run. Rejects with
   * 503 meanwhile.
   */
  attempt<T>(key: string, store: () => Promise<T>): Promise<T>
  /** Why no lease is granted; null where nothing is pending. */
  withheld(): string | null
  /** Why an experiment is to stay where it is until its abort is stored; null where none is pending. */
  waiting(key: string): string | null
  close(): Promise<void>
}

/** Holds the kill switch down where the store cannot be written: a read-only database, a full disk. */
export async function holdAborts(log: (line: string) => void, alarm?: AbortAlarm): Promise<PendingAborts> {
  const pending = new Map<string, NodeJS.Timeout>()
  const heard = new Map<string, NodeJS.Timeout>()
  const deafen = await alarm?.listen((key) => {
    if (!pending.has(key) && !heard.has(key)) {
      log(`${key}: another replica has an abort that cannot be stored. No lease is granted until it is.`)
    }
    clearTimeout(heard.get(key))
    heard.set(
      key,
      setTimeout(() => heard.delete(key), HEARD_MS),
    )
  })

  // A database that takes nothing may still tell; one that is away is away for the others too, and grants nothing.
  const ring = (key: string) => void alarm?.ring(key).catch(() => undefined)
  // By a clock of its own: an attempt may take longer than what was heard holds for.
  const bell = setInterval(() => {
    for (const key of pending.keys()) ring(key)
  }, REST_MS)

  function tryLater(key: string, store: () => Promise<unknown>): void {
    clearTimeout(pending.get(key))
    const again = async () => {
      try {
        await store()
        log(`${key}: THE ABORT IS STORED. Leases are granted again.`)
      } catch (error) {
        if (!isAnswer(error)) return tryLater(key, store)
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
        if (isAnswer(error)) throw error
        const isTold = error instanceof ExperimentError
        const remedy = isTold ? error.remedy : 'Look at the disk or the database.'
        const message = isTold ? detailOf(error) : (error as Error).message
        log(
          `${key}: THE ABORT CANNOT BE STORED, and is tried again. No lease is granted until it is. ${message} ${remedy}`,
        )
        ring(key)
        tryLater(key, store)
        throw new Refused(503, 'abort-pending', `The abort of ${key} cannot be stored yet: ${message}`, {
          remedy: `It is tried again every second, and no lease is granted from here until it is stored. ${remedy}`,
        })
      }
    },
    withheld() {
      const keys = new Set([...pending.keys(), ...heard.keys()])
      return keys.size === 0 ? null : sayWaiting([...keys])
    },
    waiting: (key) => (pending.has(key) || heard.has(key) ? sayWaiting([key]) : null),
    async close() {
      clearInterval(bell)
      for (const timer of [...pending.values(), ...heard.values()]) clearTimeout(timer)
      await deafen?.()
    },
  }
}

const sayWaiting = (keys: readonly string[]) => `An abort of ${keys.join(', ')} waits to be stored.`

/** A word on the order itself. Whatever else is thrown, in words of the disk or of nobody, the abort is not stored. */
function isAnswer(error: unknown): boolean {
  return error instanceof Refused || (error instanceof ExperimentError && error.code === 'invalid-argument')
}

import { setTimeout as sleep } from 'node:timers/promises'
import { ExperimentError } from '@fairtrial/protocol'

/** A store that has not answered for so long, milliseconds, does not answer: whoever asks for state is waiting. */
export const STORE_PATIENCE_MS = 1_500

/**
 * Waits for work so long and no longer. The work goes on.
 *
 * @param remedy what to do where it has not ended by then
 * @throws ExperimentError `unreachable` where it has not
 */
export async function within<T>(
  ms: number,
  work: Promise<T>,
  remedy = 'See that the database or the disk of the state answers; it is asked again.',
): Promise<T> {
  const stop = new AbortController()
  const tooLate = sleep(ms, undefined, { signal: stop.signal }).then(() => {
    throw new ExperimentError('unreachable', `The store has not answered within ${ms / 1_000} s.`, remedy)
  })
  try {
    return await Promise.race([work, tooLate])
  } finally {
    stop.abort()
    tooLate.catch(() => undefined)
  }
}

import { ExperimentError } from '@fairtrial/protocol/error'

/**
 * Rejects `unreachable` where the work is not done in time, and gives up waiting for it: kafkajs has calls that a
 * broker which accepts and never answers holds for ever.
 *
 * @param what is said to have failed: `Kafka did not WHAT in 30 s`
 */
export async function within<T>(work: Promise<T>, deadlineMs: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooLate(what, deadlineMs)), deadlineMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Of a call that was not answered in time. */
export function tooLate(what: string, deadlineMs: number): ExperimentError {
  return new ExperimentError(
    'unreachable',
    `Kafka did not ${what} in ${deadlineMs / 1_000} s.`,
    'See that its brokers answer at the addresses that they advertise; then try again.',
  )
}

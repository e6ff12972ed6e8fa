import { ExperimentError } from '@fairtrial/protocol'

/** What setTimeout counts up to: it takes anything else for 1 ms. */
const LONGEST_MS = 2 ** 31 - 1

export function refuseNoInterval(everyMs: number): void {
  if (everyMs >= 1 && everyMs <= LONGEST_MS) return
  throw new ExperimentError(
    'invalid-argument',
    `A controller cannot tick every ${everyMs} ms.`,
    `Give milliseconds from 1 to ${LONGEST_MS}.`,
  )
}

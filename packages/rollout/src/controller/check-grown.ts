import { ExperimentError } from '@fairtrial/protocol'
import type { LookLedger } from '@fairtrial/protocol'

/** Refuses a ledger that has not grown: looks are appended, never taken back. */
export function checkGrown({ experiment, looks }: LookLedger, expectedLooks: number): void {
  if (looks.length > expectedLooks) return
  throw new ExperimentError(
    'invalid-argument',
    `A ledger of ${looks.length} looks at ${experiment} does not follow one of ${expectedLooks}.`,
    'Record the `looks` of an evaluation that was given the ledger before.',
  )
}

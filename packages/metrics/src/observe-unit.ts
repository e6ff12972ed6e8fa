import { durationMs } from '@fairtrial/protocol'
import { earliestOutcomes } from './earliest-outcomes.ts'
import { capped, finite, type Observation, unitNumber } from './observation.ts'
import type { Outcomes } from './outcome-store.ts'
import type { Reading } from './reading.ts'
import type { UnitRecord } from './unit-record.ts'
import { valueWithin } from './folded-value.ts'

const DAY = durationMs('1d')

/** What a unit of a log comes to in a metric, and how many of its outcomes were beyond the maximum. */
export function observeUnit(
  { exposedAt, lastOutcome }: UnitRecord,
  reading: Reading,
  outcomes: Outcomes,
): Observation & { readonly excess: number } {
  const { denominator, covariates, maximumEvents } = reading
  const from = exposedAt + reading.delayMs
  const until = from + reading.windowMs
  const numberOf = (all: Outcomes, last: number) =>
    unitNumber(
      reading,
      valueWithin(last, all, reading, from, until),
      denominator && valueWithin(last, all, denominator, from, until),
    )
  const kept =
    maximumEvents === undefined
      ? { outcomes, lastOutcome, excess: 0 }
      : earliestOutcomes(lastOutcome, outcomes, reading, from, until)
  const uncapped = numberOf(outcomes, lastOutcome)
  return {
    number: capped(kept.excess === 0 ? uncapped : numberOf(kept.outcomes, kept.lastOutcome), reading),
    uncapped,
    covariates: covariates.map(({ folding, beforeMs }) =>
      beforeMs === undefined
        ? undefined
        : finite(valueWithin(lastOutcome, outcomes, folding, exposedAt - beforeMs, exposedAt)),
    ),
    days: Array.from({ length: reading.days }, (_, day) => {
      const begins = from + day * DAY
      return finite(valueWithin(kept.lastOutcome, kept.outcomes, reading, begins, begins + DAY))
    }),
    excess: kept.excess,
  }
}

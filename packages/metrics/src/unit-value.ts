import { NO_OUTCOME, type OutcomeStore } from './outcome-store.ts'
import type { Reading } from './reading.ts'
import type { UnitRecord } from './unit-record.ts'

/**
 * A unit's value of one metric so far, from its outcomes with exposedAt ≤ occurredAt < exposedAt + window. The order
 * in which they were read does not matter.
 *
 * @returns undefined where the unit has no value; not a finite number where its sum has left the doubles
 */
export function unitValue(unit: UnitRecord, reading: Reading, store: OutcomeStore): number | undefined {
  const { exposedAt } = unit
  const { aggregate, eventIndex } = reading
  const endsAt = exposedAt + reading.windowMs
  let happened = 0
  let folded = 0
  let foldedAt = 0
  for (let i = unit.lastOutcome; i !== NO_OUTCOME; i = store.previous[i]!) {
    const occurredAt = store.occurredAt[i]!
    if (store.eventIndex[i] !== eventIndex || occurredAt < exposedAt || occurredAt >= endsAt) continue
    const value = store.value[i]!
    happened += 1
    if (happened === 1) {
      folded = value
      foldedAt = occurredAt
    } else if (aggregate === 'sum') folded += value
    else if (aggregate === 'mean') folded += (value - folded) / happened
    else if (aggregate === 'max') folded = Math.max(folded, value)
    else if (aggregate === 'min') folded = Math.min(folded, value)
    else if (occurredAt === foldedAt) {
      // Two values at one instant: the smaller is the first, the larger the last, in whichever order they came.
      folded = aggregate === 'first' ? Math.min(folded, value) : Math.max(folded, value)
    } else if (occurredAt < foldedAt === (aggregate === 'first')) {
      folded = value
      foldedAt = occurredAt
    }
  }
  if (happened === 0) return reading.whenMissing === 'zero' ? 0 : undefined
  if (reading.type === 'proportion') return 1
  return reading.type === 'count' ? happened : folded
}

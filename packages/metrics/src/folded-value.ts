import { NO_OUTCOME, type Outcomes } from './outcome-store.ts'
import type { Folding } from './reading.ts'

/**
 * A unit's value by one folding, from its outcomes with from ≤ occurredAt < until. The order in which they were read
 * does not matter.
 *
 * @param lastOutcome where the unit's newest outcome stands
 * @returns undefined where the unit has no value; not a finite number where its sum has left the doubles
 */
export function valueWithin(
  lastOutcome: number,
  outcomes: Outcomes,
  folding: Folding,
  from: number,
  until: number,
): number | undefined {
  const { aggregate, eventIndex } = folding
  let happened = 0
  let folded = 0
  let foldedAt = 0
  for (let i = lastOutcome; i !== NO_OUTCOME; i = outcomes.previous[i]!) {
    const occurredAt = outcomes.occurredAt[i]!
    if (outcomes.eventIndex[i] !== eventIndex || occurredAt < from || occurredAt >= until) continue
    const value = outcomes.value[i]!
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
  if (happened === 0) return folding.whenMissing === 'zero' ? 0 : undefined
  if (folding.type === 'proportion') return 1
  return folding.type === 'count' ? happened : folded
}

import type { TrailFact } from './chain.ts'

/** Refusals of a minute that are written down one by one. */
const EACH_MINUTE = 60
const MINUTE_MS = 60_000

/**
 * Whoever knocks ten thousand times a minute must not fill the disk: beyond sixty refusals in a minute they are counted,
 * and the count is written with the next one that is written.
 *
 * @returns the fact as it is to be written; null where it was only counted
 */
export function limitRefusals(): (fact: TrailFact) => TrailFact | null {
  let since = Number.NEGATIVE_INFINITY
  let written = 0
  let counted = 0
  return (fact) => {
    if (fact.kind !== 'refused') return fact
    if (fact.at - since >= MINUTE_MS) {
      since = fact.at
      written = 0
    }
    if (written >= EACH_MINUTE) {
      counted += 1
      return null
    }
    written += 1
    if (counted === 0) return fact
    const detail = { ...fact.detail, refusedBefore: counted }
    counted = 0
    return { ...fact, detail }
  }
}

import type { Account } from '../account.ts'

/** Enough to tell ages to a part in some hundred. */
const MAXIMUM_MARKS = 256

/**
 * How old the oldest pending event is, told from outside by looks at the account: events leave in the order in which
 * they came, so the oldest came after the last look by which no more had come than have left since. True to within the
 * time between two looks, and never too young, but for what was pending at the first.
 */
export class PendingAge {
  readonly #marks: { readonly at: number; readonly came: number }[] = []

  /**
   * @param at milliseconds on a clock that only grows
   * @returns milliseconds; 0 where nothing is pending
   */
  look({ delivered, pending, dropped }: Account, at: number): number {
    const left = delivered + dropped.deadline + dropped.rejected + dropped.shutdown + dropped['spool-damaged']
    const marks = this.#marks
    while (marks.length > 1 && (marks[1]?.came ?? Infinity) <= left) marks.shift()
    const since = marks[0]?.at ?? at
    marks.push({ at, came: left + pending })
    if (marks.length > MAXIMUM_MARKS) marks.splice(0, marks.length, ...marks.filter((_, i) => i % 2 === 0))
    return pending === 0 ? 0 : at - since
  }
}

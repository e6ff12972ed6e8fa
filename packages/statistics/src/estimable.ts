/**
 * Why a number cannot be had.
 *
 * - `no-data`: an arm has no units at all.
 * - `too-few-units`: an arm has a single unit, so that nothing is known of its spread.
 * - `zero-variance`: every unit has the same value, so that a standard error of 0 would claim certainty.
 * - `zero-control-mean`: a relative effect has nothing to be relative to.
 * - `non-finite`: NaN or an infinity came in, or the arithmetic left the range of a double.
 * - `not-applicable`: no sample looks like this (more successes than units, sums that contradict each other), or
 *   the method has no answer for it (the logarithm of a negative ratio).
 */
export type NotEstimableCode =
  | 'no-data'
  | 'too-few-units'
  | 'zero-variance'
  | 'zero-control-mean'
  | 'non-finite'
  | 'not-applicable'

/** Stands in the place of a number that the data cannot give: never NaN, never p = 0 or p = 1. */
export interface NotEstimable {
  readonly notEstimable: {
    readonly code: NotEstimableCode
    /** One sentence for people: which input, which value. */
    readonly detail: string
  }
}

/** A value, or the reason why there is none. Narrow it with {@link isEstimable}. */
export type Estimable<T> = T | NotEstimable

/** True when the value was estimated; in the other branch TypeScript knows the reason is there. */
export function isEstimable<T extends object>(value: T | NotEstimable): value is T {
  return (value as Partial<NotEstimable>).notEstimable === undefined
}

/** Says why there is no number. */
export function notEstimable(code: NotEstimableCode, detail: string): NotEstimable {
  return { notEstimable: { code, detail } }
}

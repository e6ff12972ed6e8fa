import type { Bounds, Estimate, NotEstimable } from '@fairtrial/protocol'
import { type Estimable, isEstimable } from '@fairtrial/statistics'

type ReasonCode = NotEstimable['notEstimable']['code']

/** Stands where a number cannot be had. */
export function notEstimable(code: ReasonCode, detail: string): NotEstimable {
  return { notEstimable: { code, detail } }
}

/** True of a number or bounds, false of the reason why there are none. */
export function isEstimate<T extends number | Bounds>(estimate: Estimate<T>): estimate is T {
  return typeof estimate === 'number' || Array.isArray(estimate)
}

/** Takes a number, or bounds, out of a result of the statistics; the reason why there is none goes along. */
export function pick<R extends object, T extends number | Bounds>(
  result: Estimable<R>,
  read: (result: R) => T,
): Estimate<T> {
  return isEstimable(result) ? finite(read(result)) : result
}

/** An estimate that JSON can carry. */
export function finite<T extends number | Bounds>(value: T): Estimate<T> {
  const isFinite = typeof value === 'number' ? Number.isFinite(value) : value.every(Number.isFinite)
  return isFinite ? value : notEstimable('non-finite', `the arithmetic came to ${[value].flat().join(', ')}`)
}

/** A p-value too small for a double is not 0: the smallest double is an upper bound of it. */
export function positive(pValue: number): number {
  return Math.max(pValue, Number.MIN_VALUE)
}

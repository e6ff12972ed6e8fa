import type { CountedSample } from './counted-sample.ts'

/** The median of all differences treatment − control: what Hodges & Lehmann (1963) estimate a shift by. */
export function middleDifference(control: CountedSample, treatment: CountedSample): number {
  const pairs = control.n * treatment.n
  const half = Math.floor(pairs / 2)
  const upper = differenceOfRank(control, treatment, half + 1)
  return pairs % 2 === 1 ? upper : between(differenceOfRank(control, treatment, half), upper)
}

/**
 * The rank-th smallest of all treatment − control, in time n log n and little memory: the bracket is halved by
 * counting pairs, its upper end is always a difference that occurs, and it is done when no other lies within.
 */
export function differenceOfRank(control: CountedSample, treatment: CountedSample, rank: number): number {
  let low = treatment.values[0]! - control.values.at(-1)!
  let high = treatment.values.at(-1)! - control.values[0]!
  // How many controls are at a place or after it.
  const after = Float64Array.from(control.counts)
  for (let i = after.length - 2; i >= 0; i--) after[i]! += after[i + 1]!
  if (pairsUpTo(control, after, treatment, low).count >= rank) return low
  for (;;) {
    const middle = between(low, high)
    if (!(middle > low && middle < high)) return high
    const { count, largest, next } = pairsUpTo(control, after, treatment, middle)
    if (count >= rank) high = largest
    else if (next >= high) return high
    else low = middle
  }
}

/** How many differences are at most x, the largest of these, and the smallest of the others. */
function pairsUpTo(
  control: CountedSample,
  after: Float64Array,
  treatment: CountedSample,
  x: number,
): { count: number; largest: number; next: number } {
  let count = 0
  let largest = Number.NEGATIVE_INFINITY
  let next = Number.POSITIVE_INFINITY
  // As treatment grows, so does the smallest control that brings the difference down to x.
  let from = 0
  const { values } = control
  for (const [i, t] of treatment.values.entries()) {
    while (from < values.length && t - values[from]! > x) from++
    if (from > 0) next = Math.min(next, t - values[from - 1]!)
    if (from === values.length) break
    count += treatment.counts[i]! * after[from]!
    largest = Math.max(largest, t - values[from]!)
  }
  return { count, largest, next }
}

/** The middle of two numbers, also where their sum leaves the doubles. */
function between(low: number, high: number): number {
  const sum = low + high
  return Number.isFinite(sum) ? sum / 2 : low / 2 + high / 2
}

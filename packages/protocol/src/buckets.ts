/** Number of buckets of every purpose: the finest share that can be told apart is one in a million. */
export const BUCKETS = 1_000_000

/** A stretch of buckets, half open: from ≤ bucket < below. */
export interface BucketRange {
  readonly from: number
  readonly below: number
}

/** A share in percent, with up to four decimals, as a count of buckets. */
export function bucketsOf(percent: number): number {
  return Math.round((percent * BUCKETS) / 100)
}

/**
 * Contiguous ranges over all buckets in the ratio of the weights, which are positive safe integers of any
 * sum: range i ends at floor(cumulative weight · buckets / sum), computed in integers. A weight too small
 * for a bucket still gets one, from its neighbour.
 */
export function rangesOf(weights: readonly number[]): BucketRange[] {
  const total = weights.reduce((sum, weight) => sum + BigInt(weight), 0n)
  let cumulative = 0n
  let from = 0
  return weights.map((weight, index) => {
    cumulative += BigInt(weight)
    const share = Number((cumulative * BigInt(BUCKETS)) / total)
    const left = weights.length - 1 - index
    const below = Math.min(Math.max(share, from + 1), BUCKETS - left)
    const range = { from, below }
    from = below
    return range
  })
}

import { BUCKETS } from '@fairtrial/protocol/buckets'
import type { Variant } from '@fairtrial/protocol'

/**
 * The arm that a bucket of the variant purpose belongs to, as an index: the mapping by which `assign` lays arms
 * over buckets (arm i ends at floor(cumulative weight · buckets / sum), and owns one bucket at least), for a room
 * that may not import it.
 */
export function assignedArm(variants: readonly Variant[], bucket: number): number {
  const total = variants.reduce((sum, { weight }) => sum + BigInt(weight), 0n)
  let cumulative = 0n
  let from = 0
  return variants.findIndex(({ weight }, arm) => {
    cumulative += BigInt(weight)
    const share = Number((cumulative * BigInt(BUCKETS)) / total)
    from = Math.min(Math.max(share, from + 1), BUCKETS - (variants.length - 1 - arm))
    return bucket < from
  })
}

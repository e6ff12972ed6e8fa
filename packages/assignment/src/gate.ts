import { bucketOf, hashLatin1 } from './hash.ts'
import { BUCKETS, type BucketRange } from '@fairtrial/protocol/buckets'

/** One purpose of hashing made ready: the units whose bucket lies in the range are inside. */
export interface Gate extends BucketRange {
  readonly seed: number
  /** False where any bucket gives the answer, above all where the range holds all or none: no hash is spent then. */
  readonly decides: boolean
}

/** `decides` is given where a bucket tells more than inside or outside: which arm. */
export function gateOf(
  seed: number,
  { from, below }: BucketRange,
  decides = from < below && below - from < BUCKETS,
): Gate {
  return Object.freeze({ from, below, seed, decides })
}

export function bucketAt(gate: Gate, bytes: string): number {
  return gate.decides ? bucketOf(hashLatin1(bytes, gate.seed)) : 0
}

export function isInside(range: BucketRange, bucket: number): boolean {
  return bucket >= range.from && bucket < range.below
}

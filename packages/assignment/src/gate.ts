import { BUCKETS } from '@fairtrial/protocol/buckets'
import { bucketOf, hashLatin1 } from './hash.ts'
import type { BucketRange } from './range.ts'

/** One purpose of hashing made ready: the units whose bucket lies in the range are inside. */
export interface Gate extends BucketRange {
  readonly seed: number
  readonly hash: (latin1: string, seed: number) => number
}

/** A gate that lets all units or none through needs no hash: any bucket gives the same answer. */
export function gateOf(seed: number, { from, below }: BucketRange): Gate {
  const decides = from < below && below - from < BUCKETS
  return Object.freeze({ from, below, seed, hash: decides ? hashLatin1 : () => 0 })
}

export function bucketAt(gate: Gate, bytes: string): number {
  return bucketOf(gate.hash(bytes, gate.seed))
}

export function isInside(range: BucketRange, bucket: number): boolean {
  return bucket >= range.from && bucket < range.below
}

import type { Variant } from '@fairtrial/protocol'
import { rangesOf } from '@fairtrial/protocol/buckets'

/** The arm that a bucket of the variant purpose belongs to, as an index: where `assign` puts it. */
export function assignedArm(variants: readonly Variant[], bucket: number): number {
  return rangesOf(variants.map(({ weight }) => weight)).findIndex(({ below }) => bucket < below)
}

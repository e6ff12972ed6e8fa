import type { Stratum } from './strata.ts'

/** What is remembered of a unit: a record of one size, however often it is exposed. */
export interface UnitTrace {
  /** The arm in which it was exposed first, by event time. */
  arm: number
  firstAt: number
  bucket: number
  /** Every arm it was met in, as soon as there is a second. */
  arms: number[] | null
  /** Exposures written of it, deliveries of one and the same counted once. */
  exposures: number
  /** Bits of `MARK`. */
  marks: number
  /** Bit `1 << i` for the i-th trigger of its phase; bit 0 for an exposure without one. */
  triggers: number
  /** Where it was exposed first; null where that is not told apart. */
  stratum: Stratum | null
  /** What each watched input was when it was exposed first, by bin; null where none is watched. */
  inputs: readonly number[] | null
}

/** What may have happened to a unit, a bit each. */
export const MARK = {
  /** The same line came more than once. */
  delivered: 1,
  /** It was recorded more than once: in the same arm, under the same trigger, by whatever producer. */
  recorded: 2,
  /** Its arm was computed from another id. */
  sticky: 4,
} as const

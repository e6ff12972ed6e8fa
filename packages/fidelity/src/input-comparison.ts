import { binnedDrift, isEstimable } from '@fairtrial/statistics'
import type { JsonObject } from '@fairtrial/protocol'
import { sum } from './disparity.ts'
import { VALUES } from './input-bins.ts'

/** A value or bin of an input, with its share of units now and in what it is held against. */
interface ComparedBin {
  readonly value: string
  readonly is: number
  readonly was: number
}

/** How far an input is from what it is held against. */
export interface InputComparison {
  /** Population stability index, in nats; by custom 0.1 is little and 0.2 much. */
  readonly psi: number
  /** What it comes to by chance of as many units, drawn from what they are held against: (bins − 1)/units (Yurdakul 2018). */
  readonly psiByChance: number
  /** In bits: 0 of what is alike, 1 of what has nothing in common. */
  readonly jensenShannon: number
  /** Largest distance of the distribution functions at the edges of bins, over units with a value; of a text it means nothing. */
  readonly kolmogorovSmirnov: number
  /** Units that would have to be others: total variation distance. */
  readonly share: number
  /** The bins that are furthest off, the furthest first. */
  readonly furthest: readonly [ComparedBin, ...ComparedBin[]]
}

const TOLD_BINS = 5

/**
 * Units by bin now, and in what they are held against. Where a bin has units on one side only, half a unit is added to each
 * bin of both, or the index would be infinite.
 *
 * @param before of any sum
 * @returns null where all units are in one bin, in which they were before
 */
export function compareInputs(
  labels: readonly string[],
  now: readonly number[],
  before: readonly number[],
): InputComparison | null {
  const units = sum(now)
  const [is, was] = [sharesOf(now), sharesOf(before)]
  const drift = binnedDrift(before, now)
  const [first, ...others] = labels
    .map((value, bin) => ({ value, is: is[bin] ?? 0, was: was[bin] ?? 0 }))
    .toSorted((a, b) => Math.abs(b.is - b.was) - Math.abs(a.is - a.was))
  if (!isEstimable(drift) || first === undefined) return null
  return {
    psi: drift.psi,
    psiByChance: drift.df / units,
    jensenShannon: drift.jsDivergenceBits,
    kolmogorovSmirnov: largestGap(sharesOf(now.slice(VALUES)), sharesOf(before.slice(VALUES))),
    share: drift.totalVariation,
    furthest: [first, ...others.slice(0, TOLD_BINS - 1)],
  }
}

/** All 0 of none. */
function sharesOf(counts: readonly number[]): number[] {
  const total = sum(counts)
  return counts.map((count) => (total === 0 ? 0 : count / total))
}

/** Kolmogorov–Smirnov's distance. */
function largestGap(is: readonly number[], was: readonly number[]): number {
  let gap = 0
  let largest = 0
  for (const [bin, share] of is.entries()) {
    gap += share - (was[bin] ?? 0)
    largest = Math.max(largest, Math.abs(gap))
  }
  return largest
}

/** The bins that are told, with their shares by what they are of. */
export function tellBins(
  { furthest }: InputComparison,
  of: { readonly is: string; readonly was: string },
): JsonObject {
  return Object.fromEntries(furthest.map(({ value, is, was }) => [value, { [of.was]: was, [of.is]: is }]))
}

/** Three digits. */
export function sayIndex(index: number): string {
  return String(Number(index.toPrecision(3)))
}

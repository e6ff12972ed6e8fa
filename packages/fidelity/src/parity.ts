import { sampleRatioTest } from '@fairtrial/sequential'
import { isEstimable } from '@fairtrial/statistics'
import type { Experiment, FindingSeverity } from '@fairtrial/protocol'
import { disparityP, sum } from './disparity.ts'

/** A check of parity cautions at this p. The p's are valid at every look, so that this is its error for the whole trial. */
export const PARITY_ALPHA = 0.001
/** What differs so surely that the numbers are not to be believed, where it is loss or what is analysed. */
const BROKEN_ALPHA = 0.0001

/**
 * Is a mark (lost, excluded, met twice) as frequent in every arm? Two tests, both of which must reject. The first holds
 * the marked units, or those without the mark where they are fewer, against the arms' weights, by a mixture over all
 * shares (Lindon & Malek 2022), and is valid at every look: randomization alone says where they must fall. The second,
 * Pearson's, holds them against the units that there are, so that a sample ratio which is off everywhere is not told
 * again for every mark. Nothing is tested where units come by clusters, nor where an arm has no unit at all or next to none
 * is without the mark: the sample ratio of the trial is then all there is to say.
 *
 * @returns p; null where nothing can be said
 */
export function parityP(
  { variants, cluster }: Experiment,
  marked: readonly number[],
  units: readonly number[],
): number | null {
  const unmarked = units.map((count, arm) => count - (marked[arm] ?? 0))
  const isFew = sum(marked) <= sum(unmarked)
  const pearson = disparityP(marked, units)
  if (cluster !== undefined || sum(marked) === 0 || units.includes(0)) return null
  if (pearson === null && !isFew) return null
  const weights = variants.map((variant) => variant.weight)
  // As many units of prior as there are arms: every division of the marks is as likely as any other.
  const counts = isFew ? marked : unmarked
  const anytime = sampleRatioTest([{ counts, weights }], { concentration: weights.length })
  return isEstimable(anytime) ? Math.max(anytime.pValue, pearson ?? 0) : null
}

/** How a parity check judges its p: what falls on the arms unequally biases what is compared. */
export function parityOf(p: number | null): { readonly severity: FindingSeverity; readonly isOff: boolean } {
  if (p === null || p >= PARITY_ALPHA) return { severity: 'note', isOff: false }
  return { severity: p < BROKEN_ALPHA ? 'broken' : 'caution', isOff: true }
}

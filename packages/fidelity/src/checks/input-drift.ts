import { anytimeP } from '../anytime-evidence.ts'
import { sum } from '../disparity.ts'
import type { Found } from '../found.ts'
import { compareInputs, sayIndex, tellBins } from '../input-comparison.ts'
import { sayWindow } from '../input-trace.ts'
import { PARITY_ALPHA } from '../parity.ts'
import { sayCount, sayP, sayShare } from '../words.ts'
import type { WatchedInput } from './inputs.ts'

/** A value that the reference has not is taken for as rare as this, or one unit of it would reject. */
const RAREST = 0.0001

/**
 * An input of all arms together against its reference. It has drifted where the population stability index, less what it
 * comes to by chance, is above what the plan allows, and a test that is valid at every look says that it is no chance.
 */
export function driftFinding({ feature, bins, watch, windows, errorShare }: WatchedInput): Found[] {
  const { reference, labels } = bins
  if (reference === null) return []
  const weights = reference.map((share) => Math.max(share, RAREST))
  const drifted = windows.flatMap((window) => {
    const counts = window.counts.map(sum)
    const units = sum(counts)
    const expected = reference.map((share) => share * units)
    const compared = compareInputs(labels, counts, expected)
    if (compared === null || compared.psi - compared.psiByChance <= watch.maximumPsi) return []
    const p = anytimeP([{ counts, weights }], window.errorShare * errorShare)
    return p < PARITY_ALPHA ? [{ ...compared, window: window.of, units, p }] : []
  })
  const [worst] = drifted.toSorted((a, b) => b.psi - a.psi)
  if (worst === undefined) return []
  const { window, units, psi, psiByChance, jensenShannon, kolmogorovSmirnov, share, p } = worst
  const [{ value, is, was }] = worst.furthest
  return [
    {
      code: 'input-drift',
      severity: watch.action === 'warn' ? 'caution' : 'broken',
      detail: `Input ${feature} has drifted from its reference: population stability index ${sayIndex(psi)} over ${sayCount(units, 'unit')}${sayWindow(window)}, ${sayIndex(watch.maximumPsi)} is allowed; most at ${value} with ${sayShare(is)} instead of ${sayShare(was)}; p ${sayP(p)}.`,
      remedy:
        'See what has changed: who comes, what computes the input, or whether it is missing. If it is the world, take a new reference in a new phase.',
      evidence: {
        feature,
        action: watch.action,
        window,
        units,
        psi,
        psiByChance,
        maximumPsi: watch.maximumPsi,
        jensenShannon,
        ...(watch.type === 'number' && { kolmogorovSmirnov }),
        pValue: p,
        share,
        values: tellBins(worst, { is: 'observed', was: 'reference' }),
      },
    },
  ]
}

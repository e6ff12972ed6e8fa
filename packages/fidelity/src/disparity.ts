import { chiSquareSf, isEstimable, sampleRatioChiSquare } from '@fairtrial/statistics'

/**
 * Is a rate the same in every arm? Pearson's chi-square of the 2 × k table: the units with a mark and the units
 * without, each against the arms' sizes. Right for one look.
 *
 * @returns p; null where an arm is empty, or the marks are too few for the approximation (5 expected in each cell)
 */
export function disparityP(marked: readonly number[], units: readonly number[]): number | null {
  const total = sum(units)
  const share = sum(marked) / total
  if (!units.every((count) => count * Math.min(share, 1 - share) >= 5)) return null
  const withMark = sampleRatioChiSquare(marked, units)
  const without = sampleRatioChiSquare(
    units.map((count, arm) => count - (marked[arm] ?? 0)),
    units,
  )
  if (!isEstimable(withMark) || !isEstimable(without)) return null
  return chiSquareSf(withMark.chiSquare + without.chiSquare, units.length - 1)
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/** A p too small for a double is the smallest of them: no p is 0. */
export function neverZero(p: number): number {
  return Math.max(Number.MIN_VALUE, p)
}

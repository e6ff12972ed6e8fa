import { chiSquareSf, isEstimable, sampleRatioChiSquare } from '@fairtrial/statistics'

/** Units expected in a cell from which the chi-square approximation holds (Cochran's rule). */
export const MINIMUM_EXPECTED = 5

/**
 * Is a rate the same in every arm? Pearson's chi-square of the 2 × k table: the units with a mark and the units
 * without, each against the arms' sizes. Right for one look.
 *
 * @returns p; null where an arm is empty, or the marks are too few for the approximation (5 expected in each cell)
 */
export function disparityP(marked: readonly number[], units: readonly number[]): number | null {
  const unmarked = units.map((count, arm) => count - (marked[arm] ?? 0))
  return [marked, unmarked].every((row) => isDense(row, units)) ? contingencyP([marked, unmarked]) : null
}

/**
 * Does every row fall on the arms alike? Pearson's chi-square; rows with fewer than 5 expected in a cell are taken together.
 * Right for one look.
 *
 * @param rows by arm
 * @returns p; null where there are not two rows
 */
export function contingencyP(rows: readonly (readonly number[])[]): number | null {
  const units = totalOf(rows)
  const dense = rows.filter((row) => isDense(row, units))
  const rest = totalOf(rows.filter((row) => !isDense(row, units)))
  const kept = isDense(rest, units) ? [...dense, rest] : dense
  if (kept.length < 2) return null
  const sizes = totalOf(kept)
  const tests = kept.map((row) => sampleRatioChiSquare(row, sizes))
  if (!tests.every(isEstimable)) return null
  return chiSquareSf(sum(tests.map(({ chiSquare }) => chiSquare)), (kept.length - 1) * (units.length - 1))
}

function isDense(row: readonly number[], units: readonly number[]): boolean {
  const share = sum(row) / sum(units)
  return units.length > 0 && units.every((count) => count * share >= MINIMUM_EXPECTED)
}

/** By arm. */
function totalOf(rows: readonly (readonly number[])[]): readonly number[] {
  const [first = [], ...others] = rows
  return others.reduce((total, row) => total.map((count, arm) => count + (row[arm] ?? 0)), first)
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/** A p too small for a double is the smallest of them: no p is 0. */
export function neverZero(p: number): number {
  return Math.max(Number.MIN_VALUE, p)
}

import type { CountedObservation } from './observation.ts'

/** A row a unit; by clusters, a row a cluster: the sum of its members', clusters in the order in which they are met. */
export function rowsOf(
  units: readonly CountedObservation[],
  rowOf: (unit: CountedObservation) => readonly number[],
  byClusters: boolean,
): readonly (readonly number[])[] {
  if (!byClusters) return units.map(rowOf)
  const sums = new Map<string | undefined, number[]>()
  for (const unit of units) {
    const row = rowOf(unit)
    const sum = sums.get(unit.cluster)
    if (sum === undefined) sums.set(unit.cluster, [...row])
    else for (const [column, value] of row.entries()) sum[column]! += value
  }
  return [...sums.values()]
}

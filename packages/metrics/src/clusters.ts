import type { MetricSummary } from '@fairtrial/protocol'
import { rowsOf } from './joint-rows.ts'
import type { CountedObservation } from './observation.ts'

type Clusters = NonNullable<MetricSummary['clusters']>

/** More clusters than these are told by their moments alone. */
const LISTED_CLUSTERS = 200

/** The sum of values and the units of each cluster; undefined of too many. */
export function clustersOf(units: readonly CountedObservation[]): Clusters | undefined {
  const rows = rowsOf(units, ({ number }) => [number.value, number.denominator], true)
  return listed(rows.map(([sum, members]) => [sum!, members!]))
}

/** The clusters of two disjoint sets taken together; undefined where one of them lists none. */
export function mergeClusters(a: Clusters | undefined, b: Clusters | undefined): Clusters | undefined {
  return a && b && listed([...a, ...b])
}

/** Rising, so that the order of the data does not show. */
function listed(clusters: Clusters): Clusters | undefined {
  if (clusters.length > LISTED_CLUSTERS) return undefined
  return clusters.toSorted(([sum, units], [otherSum, otherUnits]) => sum - otherSum || units - otherUnits)
}

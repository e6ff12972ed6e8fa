import type { MeasuredCluster, MeasuredSummary, MetricSummary, QuantileSketch } from '@fairtrial/protocol'
import { type Estimable, notEstimable } from '@fairtrial/statistics'

/** The requests of both arms by cluster of units; a cluster that an arm has nothing of counts none there. */
export interface MeasuredPair {
  readonly control: MeasuredArm
  readonly treatment: MeasuredArm
  /** Clusters with requests in either arm. */
  readonly groups: number
  readonly degreesOfFreedom: number
}

/** The requests of one arm. */
export interface MeasuredArm {
  readonly n: number
  readonly accuracy: number
  /** By group, the same in both arms. */
  readonly clusters: readonly (MeasuredCluster | undefined)[]
}

/**
 * As few clusters as may carry a spread. Fewer say little of how far units differ, and nothing of whether a mean is nearly
 * normal.
 */
const FEWEST_CLUSTERS = 20

/** Both arms, where there are enough clusters to leave one out at a time. */
export function measuredPair(control: MetricSummary, treatment: MetricSummary): Estimable<MeasuredPair> {
  const c = clustersOf(control.measured)
  const t = clustersOf(treatment.measured)
  const silent = c.size === 0 ? 'control' : t.size === 0 ? 'treatment' : null
  if (silent !== null) return notEstimable('no-data', `nothing has been measured in ${silent}`)
  const groups = [...new Set([...c.keys(), ...t.keys()])].toSorted((a, b) => a - b)
  const armOf = (clusters: typeof c, measured: MeasuredSummary | undefined): MeasuredArm => ({
    n: [...clusters.values()].reduce((sum, { n }) => sum + n, 0),
    accuracy: measured!.accuracy,
    clusters: groups.map((group) => clusters.get(group)),
  })
  const arms = { control: armOf(c, control.measured), treatment: armOf(t, treatment.measured) }
  const effective = effectiveClusters(arms.control, arms.treatment)
  if (effective < FEWEST_CLUSTERS) {
    return notEstimable(
      'too-few-units',
      `the requests come from ${Number(effective.toPrecision(3))} clusters of units, counted by the weight they have, and the spread of units takes ${FEWEST_CLUSTERS}`,
    )
  }
  return { ...arms, groups: groups.length, degreesOfFreedom: effective - 1 }
}

function clustersOf(measured: MeasuredSummary | undefined): ReadonlyMap<number, MeasuredCluster> {
  return new Map((measured?.clusters ?? []).map((each) => [each.cluster, each]))
}

/**
 * How many clusters of equal weight would tell as much of the spread: G / (1 + Γ), Γ the squared coefficient of variation
 * of what each adds to the variance, the requests of one taken for all alike (A. Carter, K. Schnepel & D. Steigerwald,
 * Review of Economics and Statistics 99, 2017). One unit that makes most requests is one cluster, whatever others there are.
 */
function effectiveClusters(control: MeasuredArm, treatment: MeasuredArm): number {
  let sum = 0
  let squares = 0
  control.clusters.forEach((cluster, g) => {
    const weight = ((cluster?.n ?? 0) / control.n) ** 2 + ((treatment.clusters[g]?.n ?? 0) / treatment.n) ** 2
    sum += weight
    squares += weight ** 2
  })
  return sum ** 2 / squares
}

/** The observations of all clusters. */
export function pooledSketch({ accuracy, clusters }: MeasuredSummary): QuantileSketch {
  const counts = new Map<number, number>()
  for (const { bins } of clusters) {
    for (const [bin, count] of bins) counts.set(bin, (counts.get(bin) ?? 0) + count)
  }
  return {
    accuracy,
    zeros: clusters.reduce((sum, { zeros }) => sum + zeros, 0),
    positive: [...counts].toSorted(([a], [b]) => a - b),
    negative: [],
  }
}

/**
 * What leaving out one cluster at a time tells of a statistic's variance, from how far it moves without each (M. Quenouille
 * 1949; J. Tukey 1958). With a second list, the covariance.
 */
export function jackknifeVariance(
  shifts: readonly number[],
  groups: number,
  others: readonly number[] = shifts,
): number {
  const mean = shifts.reduce((sum, each) => sum + each, 0) / groups
  return ((groups - 1) / groups) * shifts.reduce((sum, each, g) => sum + (each - mean) * others[g]!, 0)
}

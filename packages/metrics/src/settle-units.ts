import type { Experiment } from '@fairtrial/protocol'
import type { TableUnit } from './row-reader.ts'

/** Units of which each counts once, in one arm. */
export interface SettledUnits {
  readonly units: readonly TableUnit[]
  /** Units, or units of clusters, met in two arms or more. */
  readonly crossoverUnits: number
  readonly repeatedExposures: number
}

/**
 * Each id once, with its first row. One that stands in two arms is left out; or, by the policy `first`, counts with its
 * first row.
 */
export function settleRepeats(
  rows: readonly TableUnit[],
  crossover: Experiment['analysis']['crossover'],
): SettledUnits {
  const byId = new Map<string, { readonly first: TableUnit; readonly arms: number[] }>()
  let crossoverUnits = 0
  let repeatedExposures = 0
  for (const row of rows) {
    const known = byId.get(row.unitId)
    if (known === undefined) byId.set(row.unitId, { first: row, arms: [row.arm] })
    else if (known.arms.includes(row.arm)) repeatedExposures += 1
    else if (known.arms.push(row.arm) === 2) crossoverUnits += 1
  }
  const kept = [...byId.values()].filter(({ arms }) => arms.length === 1 || crossover === 'first')
  return { units: kept.map(({ first }) => first), crossoverUnits, repeatedExposures }
}

/**
 * Clusters are assigned as a whole. The units of one that stands in two arms are left out; or, by the policy `first`,
 * those that stand in the arm of its first row count.
 */
export function settleClusters(
  units: readonly TableUnit[],
  crossover: Experiment['analysis']['crossover'],
): Omit<SettledUnits, 'repeatedExposures'> {
  const firstArms = new Map<string | undefined, number>()
  const split = new Set<string | undefined>()
  for (const unit of units) {
    const cluster = clusterOf(unit)
    const firstArm = firstArms.get(cluster)
    if (firstArm === undefined) firstArms.set(cluster, unit.arm)
    else if (firstArm !== unit.arm) split.add(cluster)
  }
  return {
    units: units.filter((unit) => {
      const cluster = clusterOf(unit)
      return !split.has(cluster) || (crossover === 'first' && firstArms.get(cluster) === unit.arm)
    }),
    crossoverUnits: units.filter((unit) => split.has(clusterOf(unit))).length,
  }
}

function clusterOf({ observations }: TableUnit): string | undefined {
  return observations[0]?.cluster
}

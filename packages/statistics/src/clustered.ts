import { type Estimable, isEstimable, notEstimable } from './estimable.ts'
import { type LevelOptions, levelOf } from './interval.ts'
import { fitTreatment, type RegressionUnit } from './regression.ts'
import { symmetricEigen } from './special/eigen.ts'
import type { LeastSquares } from './special/least-squares.ts'
import { type TTest, tTest } from './t-test.ts'

/** One observation within the cluster that was randomized: a session of a user, a user of a city. */
export interface ClusteredUnit extends RegressionUnit {
  readonly cluster: string | number
}

/**
 * - `CR0`: as it comes; too small with few clusters.
 * - `CR1`: times G/(G − 1) · (n − 1)/(n − k), with G − 1 degrees of freedom; for 50 clusters or more.
 * - `CR2`: unbiased when observations are independent, with Satterthwaite's degrees of freedom (R. Bell & D. McCaffrey,
 *   Survey Methodology 28, 2002; G. Imbens & M. Kolesár, REStat 98, 2016). The default.
 */
export type ClusterVariance = 'CR0' | 'CR1' | 'CR2'

/** How a clustered difference is taken. */
export interface ClusteredOptions extends LevelOptions {
  readonly variance?: ClusterVariance
  /** As in `regressionDifference`. */
  readonly slopes?: 'common' | 'interacted'
}

/** A difference whose standard error knows that observations of one cluster are alike. */
export interface ClusteredDifference extends TTest {
  readonly difference: number
  readonly clusters: number
}

/** The effect of treatment on observations that come in clusters, by least squares with a cluster-robust variance. */
export function clusteredDifference(
  units: readonly ClusteredUnit[],
  options?: ClusteredOptions,
): Estimable<ClusteredDifference> {
  const level = levelOf(options)
  const kind = options?.variance ?? 'CR2'
  const fit = fitTreatment(units, options?.slopes ?? 'interacted')
  if (!isEstimable(fit)) return fit
  const groups = new Map<string | number, number[]>()
  for (const [i, { cluster }] of units.entries()) {
    const group = groups.get(cluster)
    if (group) group.push(i)
    else groups.set(cluster, [i])
  }
  const g = groups.size
  const n = units.length
  const k = fit.coefficients.length
  if (g <= k) return notEstimable('too-few-units', `${g} clusters cannot carry ${k} coefficients`)
  const robust = kind === 'CR2' ? biasReduced(fit, groups.values()) : plain(fit, groups.values())
  const factor = kind === 'CR1' ? (g / (g - 1)) * ((n - 1) / (n - k)) : 1
  const degreesOfFreedom = robust.degreesOfFreedom ?? g - 1
  const difference = fit.coefficients[1]!
  const test = tTest(difference, Math.sqrt(factor * robust.variance), degreesOfFreedom, level)
  return isEstimable(test) ? { difference, clusters: g, ...test } : test
}

interface ClusterRobust {
  readonly variance: number
  readonly degreesOfFreedom?: number
}

function plain(fit: LeastSquares, groups: Iterable<readonly number[]>): ClusterRobust {
  const weights = fit.influence(1)
  let variance = 0
  for (const group of groups) {
    const sum = group.reduce((total, i) => total + weights[i]! * fit.residuals[i]!, 0)
    variance += sum * sum
  }
  return { variance }
}

/**
 * Each cluster's weights are multiplied by (I − H_g)^(−1/2), H_g its block of the hat matrix: of rank k at most, so that
 * only a k × k eigenproblem is solved, however large the cluster. The degrees of freedom are 2 E² / Var of the variance
 * estimate when observations are independent and of equal spread.
 */
function biasReduced(fit: LeastSquares, groups: Iterable<readonly number[]>): ClusterRobust {
  const weights = fit.influence(1)
  const k = fit.coefficients.length
  let variance = 0
  let trace = 0
  let squares = 0
  const gram = Array.from({ length: k }, () => Array.from({ length: k }, () => 0))
  for (const group of groups) {
    const rows = group.map((i) => fit.basis[i]!)
    const inner = gram.map((_, a) =>
      gram.map((_, b) => rows.reduce((sum, row) => sum + row[a]! * row[b]!, 0)),
    )
    const { values, vectors } = symmetricEigen(inner)
    const adjusted = group.map((i) => weights[i]!)
    for (const [m, lambda] of values.entries()) {
      if (lambda < 1e-14) continue
      const direction = rows.map(
        (row) => row.reduce((sum, each, a) => sum + each * vectors[m]![a]!, 0) / Math.sqrt(lambda),
      )
      const along = group.reduce((sum, i, r) => sum + weights[i]! * direction[r]!, 0)
      // A direction that this cluster alone determines has no residual; it is left out (generalised inverse).
      const stretch = 1 - lambda > 1e-12 ? 1 / Math.sqrt(1 - lambda) - 1 : -1
      for (let r = 0; r < adjusted.length; r++) adjusted[r]! += stretch * along * direction[r]!
    }
    const score = adjusted.reduce((sum, each, r) => sum + each * fit.residuals[group[r]!]!, 0)
    variance += score * score
    const own = adjusted.reduce((sum, each) => sum + each * each, 0)
    const projected = gram.map((_, a) => adjusted.reduce((sum, each, r) => sum + each * rows[r]![a]!, 0))
    const shared = projected.reduce((sum, each) => sum + each * each, 0)
    trace += own - shared
    squares += own * own - 2 * own * shared
    for (let a = 0; a < k; a++) for (let b = 0; b < k; b++) gram[a]![b]! += projected[a]! * projected[b]!
  }
  squares += gram.reduce((sum, row) => sum + row.reduce((s, each) => s + each * each, 0), 0)
  return { variance, degreesOfFreedom: (trace * trace) / squares }
}

import type { EstimatedMean } from './arm.ts'
import { type Estimable, notEstimable } from './estimable.ts'

/**
 * The moments of rows of k numbers, one row a unit: what ratio metrics and regression adjustment need. Mergeable like
 * {@link Moments}, and plain data.
 */
export interface JointMoments {
  /** How many rows, a whole number ≥ 0. */
  readonly n: number
  /** The mean of each column. */
  readonly means: readonly number[]
  /** Sums of products of deviations, column by column: a symmetric k × k matrix as rows. */
  readonly products: readonly (readonly number[])[]
}

/** The moments of no rows of `columns` numbers. */
export function emptyJointMoments(columns: number): JointMoments {
  const zeros = () => Array.from({ length: columns }, () => 0)
  return { n: 0, means: zeros(), products: zeros().map(zeros) }
}

/** The moments of two sets of rows taken together (Chan, Golub & LeVeque 1983, for products too). */
export function mergeJointMoments(a: JointMoments, b: JointMoments): JointMoments {
  if (a.means.length !== b.means.length) {
    throw new RangeError(
      `rows of ${a.means.length} and of ${b.means.length} numbers: merge what has one shape`,
    )
  }
  if (a.n === 0) return b
  if (b.n === 0) return a
  const n = a.n + b.n
  const delta = a.means.map((mean, i) => b.means[i]! - mean)
  const weight = a.n * (b.n / n)
  return {
    n,
    means: delta.map((each, i) =>
      a.n >= b.n ? a.means[i]! + each * (b.n / n) : b.means[i]! - each * (a.n / n),
    ),
    products: a.products.map((row, i) =>
      row.map((product, j) => product + b.products[i]![j]! + delta[i]! * (delta[j]! * weight)),
    ),
  }
}

/** The moments of rows at hand, in two passes with the rounding of the means corrected for. */
export function jointMomentsOf(rows: readonly (readonly number[])[], columns?: number): JointMoments {
  const n = rows.length
  const first = rows[0]
  if (first === undefined) return emptyJointMoments(columns ?? 0)
  const k = columns ?? first.length
  const total = first.map(() => 0)
  for (const row of rows) {
    if (row.length !== k) throw new RangeError(`a row has ${row.length} numbers: give each ${k}`)
    for (let i = 0; i < k; i++) total[i]! += row[i]! - first[i]!
  }
  const means = total.map((each, i) => first[i]! + each / n)
  const rest = first.map(() => 0)
  const products = first.map(() => first.map(() => 0))
  for (const row of rows) {
    for (let i = 0; i < k; i++) {
      const deviation = row[i]! - means[i]!
      rest[i]! += deviation
      for (let j = 0; j <= i; j++) products[i]![j]! += deviation * (row[j]! - means[j]!)
    }
  }
  for (let i = 0; i < k; i++) {
    for (let j = 0; j <= i; j++) {
      products[i]![j]! -= rest[i]! * (rest[j]! / n)
      products[j]![i] = products[i]![j]!
    }
  }
  return { n, means: means.map((mean, i) => mean + rest[i]! / n), products }
}

/** A number for each unit made of its columns: a column's value, or a ratio metric's. */
export interface UnitMetric {
  /** The column of the value, or of the numerator. */
  readonly numerator: number
  /** The column of the denominator; without it the metric is a plain mean. */
  readonly denominator?: number
}

/** A metric as a weighted sum of columns, to first order: what the delta method makes of a ratio. */
export interface LinearForm {
  readonly value: number
  readonly weights: readonly number[]
}

/**
 * A metric's value in an arm and its gradient in the column means. A ratio N/D has (1/D, −N/D²): A. Deng, U. Knoblich &
 * J. Lu, Applying the delta method in metric analytics, KDD 2018.
 */
export function linearForm(moments: JointMoments, metric: UnitMetric): Estimable<LinearForm> {
  const weights = moments.means.map(() => 0)
  const numerator = moments.means[metric.numerator]
  const denominator = metric.denominator === undefined ? 1 : moments.means[metric.denominator]
  if (numerator === undefined || denominator === undefined) {
    throw new RangeError(`there are ${moments.means.length} columns, none is ${JSON.stringify(metric)}`)
  }
  if (moments.n === 0) return notEstimable('no-data', 'there are no units')
  if (denominator === 0) return notEstimable('not-applicable', 'the mean of the denominator is 0')
  const value = numerator / denominator
  weights[metric.numerator]! += 1 / denominator
  if (metric.denominator !== undefined) weights[metric.denominator]! -= value / denominator
  if (Number.isFinite(value) && weights.every(Number.isFinite)) return { value, weights }
  return notEstimable('non-finite', `a metric's value is ${value}`)
}

/** The covariance of two linear forms over the units (n − 1). */
export function covarianceOfForms(moments: JointMoments, a: LinearForm, b: LinearForm): number {
  let sum = 0
  for (const [i, weight] of a.weights.entries()) {
    if (weight === 0) continue
    for (const [j, other] of b.weights.entries()) {
      if (other !== 0) sum += weight * other * moments.products[i]![j]!
    }
  }
  return sum / (moments.n - 1)
}

/**
 * A metric's estimate in one arm: the value, and the variance of the estimate by the delta method. Ready for
 * `differenceOfEstimates`, `deltaLift`, `fiellerLift` and `logRatioLift`.
 */
export function estimatedMetric(
  moments: JointMoments,
  metric: UnitMetric,
  arm: string,
): Estimable<EstimatedMean> {
  if (moments.n === 1) return notEstimable('too-few-units', `${arm} has a single unit`)
  const form = linearForm(moments, metric)
  if ('notEstimable' in form) {
    return notEstimable(form.notEstimable.code, `in ${arm}, ${form.notEstimable.detail}`)
  }
  const variance = Math.max(0, covarianceOfForms(moments, form, form)) / moments.n
  if (Number.isFinite(variance)) return { mean: form.value, variance, degreesOfFreedom: moments.n - 1 }
  return notEstimable('non-finite', `the variance of ${arm} is ${variance}`)
}

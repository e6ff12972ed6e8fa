import { type Estimable, isEstimable, notEstimable } from './estimable.ts'
import { type LevelOptions, levelOf } from './interval.ts'
import { momentsOf } from './moments.ts'
import { type LeastSquares, leastSquares } from './special/least-squares.ts'
import { type TTest, tTest } from './t-test.ts'

/** One unit of an experiment of two arms, with what a regression shall know of it. */
export interface RegressionUnit {
  readonly value: number
  readonly isTreated: boolean
  /** As many numbers for every unit; none by default. */
  readonly covariates?: readonly number[]
}

/**
 * A variance that holds when the spread differs from unit to unit: `HC0` of H. White (Econometrica 48, 1980), `HC1` with
 * n / (n − k), `HC2` divided by 1 − leverage (unbiased when the spread is equal; the default), `HC3` by its square
 * (J. MacKinnon & H. White, Journal of Econometrics 29, 1985).
 */
export type RobustVariance = 'HC0' | 'HC1' | 'HC2' | 'HC3'

/** How a regression is set up. */
export interface RegressionOptions extends LevelOptions {
  /**
   * - `common`: one slope for both arms (analysis of covariance).
   * - `interacted`, the default: a slope for each arm, the covariates centred on all units; never less precise than no
   *   adjustment, however unequal the arms (W. Lin, Annals of Applied Statistics 7, 2013).
   */
  readonly slopes?: 'common' | 'interacted'
  readonly variance?: RobustVariance
}

/** A regression-adjusted difference; degrees of freedom n − k. */
export interface RegressionDifference extends TTest {
  readonly difference: number
}

/**
 * The average effect of treatment from a regression of the value on treatment and covariates. Without covariates and
 * with HC2 it is the plain difference with Welch's standard error.
 */
export function regressionDifference(
  units: readonly RegressionUnit[],
  options?: RegressionOptions,
): Estimable<RegressionDifference> {
  const level = levelOf(options)
  const fit = fitTreatment(units, options?.slopes ?? 'interacted')
  if (!isEstimable(fit)) return fit
  const k = fit.coefficients.length
  const n = units.length
  if (n <= k) return notEstimable('too-few-units', `${n} units cannot carry ${k} coefficients`)
  const kind = options?.variance ?? 'HC2'
  const weights = fit.influence(1)
  let variance = 0
  for (let i = 0; i < n; i++) {
    const leverage = fit.basis[i]!.reduce((sum, each) => sum + each * each, 0)
    const rest = Math.max(0, 1 - leverage)
    const divisor = kind === 'HC2' ? rest : kind === 'HC3' ? rest * rest : 1
    // A unit that alone determines a coefficient has no residual, and nothing to say of the spread.
    if (rest < 1e-12) continue
    variance += (weights[i]! * fit.residuals[i]!) ** 2 / divisor
  }
  if (kind === 'HC1') variance *= n / (n - k)
  const difference = fit.coefficients[1]!
  const test = tTest(difference, Math.sqrt(variance), n - k, level)
  return isEstimable(test) ? { difference, ...test } : test
}

/** Intercept, treatment, covariates and, when interacted, treatment × centred covariates. */
export function fitTreatment(
  units: readonly RegressionUnit[],
  slopes: 'common' | 'interacted',
): Estimable<LeastSquares> {
  const n = units.length
  const treated = units.filter(({ isTreated }) => isTreated).length
  if (treated === 0 || treated === n) {
    return notEstimable('no-data', `${treated === 0 ? 'treatment' : 'control'} has no units`)
  }
  const columns = units[0]?.covariates?.length ?? 0
  const centre = Array.from({ length: columns }, () => 0)
  for (const { covariates = [], value } of units) {
    if (covariates.length !== columns) {
      throw new RangeError(`a unit has ${covariates.length} covariates: give each unit ${columns}`)
    }
    if (!(Number.isFinite(value) && covariates.every(Number.isFinite))) {
      return notEstimable('non-finite', `a unit has value ${value} and covariates ${covariates.join(', ')}`)
    }
    for (let j = 0; j < columns; j++) centre[j]! += covariates[j]! / n
  }
  const design = units.map(({ isTreated, covariates = [] }) => {
    const centred = covariates.map((each, j) => each - centre[j]!)
    const row = [1, isTreated ? 1 : 0, ...centred]
    return slopes === 'interacted' ? [...row, ...centred.map((each) => (isTreated ? each : 0))] : row
  })
  // The zero of the metric is the intercept's alone: taken out first, it costs the residuals no digits.
  const { mean } = momentsOf(units.map(({ value }) => value))
  const values = units.map(({ value }) => value - mean)
  const fit = leastSquares(design, values)
  if (!fit) return notEstimable('not-applicable', 'a covariate is constant, or a sum of others: leave it out')
  const largest = (of: readonly number[]) => of.reduce((most, each) => Math.max(most, Math.abs(each)), 0)
  if (largest(fit.residuals) <= 1e-13 * largest(values)) {
    return notEstimable('zero-variance', 'the fit is perfect: the spread is unknown, not zero')
  }
  return fit
}

import { type Estimable, type JointMoments, notEstimable } from '@fairtrial/statistics'
import { monotoneRoot } from '../group-sequential/monotone-root.ts'
import type { AnytimeEstimate, Look } from './normal-mixture.ts'
import {
  checkAlpha,
  checkPositive,
  checkRho,
  type Tuning,
  type TuningTarget,
  type TwoSidedSequence,
} from './tuning.ts'

/** A coefficient of a regression as it stands at a look. */
export interface RegressionLook extends Look {
  /** Coefficients fitted, intercept and all: 2 for a plain difference, one more for each covariate. */
  readonly coefficients: number
}

/**
 * Half the width of the sequence of a regression coefficient, in standard errors: the t-statistic version of the normal
 * mixture, which knows that the standard error is estimated. Infinite while n is too small to exclude any value. `rho`
 * is the g of the paper and of its software (Lindon, Ham, Tingley & Bojinov, Anytime-valid linear models and
 * regression adjustment in experiments, 2022).
 */
export function tMixtureMultiplier(
  n: number,
  coefficients: number,
  { rho, alpha }: TwoSidedSequence,
): number {
  checkRho(rho)
  checkAlpha(alpha)
  const nu = degreesOfFreedom(n, coefficients)
  const logGrowth = Math.log1p(n / rho)
  const log = (logGrowth - 2 * Math.log(alpha)) / (nu + 1)
  return log < logGrowth
    ? Math.sqrt((nu * Math.expm1(log)) / -Math.expm1(log - logGrowth))
    : Number.POSITIVE_INFINITY
}

/**
 * ln of the always-valid p-value of a t-statistic at n units, at most 0. With r = ρ/(ρ + n) and ν = n − coefficients,
 * ln E = ½ ln r + (ν + 1)/2 · ln((1 + t²/ν)/(1 + r t²/ν)) (Lindon et al. 2022).
 */
export function tMixtureLogP(t: number, n: number, coefficients: number, { rho }: Tuning): number {
  checkRho(rho)
  const nu = degreesOfFreedom(n, coefficients)
  const r = rho / (rho + n)
  const gain = Math.log1p(n / (rho + n) / (nu / t / t + r))
  return Math.min(0, 0.5 * Math.log1p(n / rho) - 0.5 * (nu + 1) * gain)
}

/**
 * The ρ that makes the sequence of a regression coefficient narrowest at `tunedAt` units: with y = n/ρ it solves
 * (ν + 1) ln(1 + y/(ν + 1)) = ln(1 + y) − 2 ln α, which for many units is `exactTuning`.
 */
export function regressionTuning({
  alpha,
  tunedAt,
  coefficients,
}: TuningTarget & { coefficients: number }): Tuning {
  checkAlpha(alpha)
  checkPositive('tunedAt', tunedAt, 'give the number of units at which precision is wanted, above 0')
  const k = degreesOfFreedom(tunedAt, coefficients) + 1
  const slack = (logY: number) => {
    const y = Math.exp(logY)
    return k * Math.log1p(y / k) - Math.log1p(y) + 2 * Math.log(alpha)
  }
  return { rho: tunedAt / Math.exp(monotoneRoot(slack, 0, 4)) }
}

/**
 * What may be said of a regression coefficient at this look and at every other: exact for normal residuals of equal
 * spread, at any n; with a robust standard error (`regressionDifference`) in the limit. Covariates from before the trial
 * make it narrower and cost nothing of its validity.
 */
export function anytimeRegression(
  look: RegressionLook,
  { rho, alpha }: TwoSidedSequence,
): Estimable<AnytimeEstimate> {
  const { estimate, standardError, n, coefficients } = look
  checkRho(rho)
  checkAlpha(alpha)
  if (![estimate, standardError, n].every(Number.isFinite)) {
    return notEstimable('non-finite', `estimate ${estimate}, standard error ${standardError}, n ${n}`)
  }
  if (n <= 0) return notEstimable('no-data', 'no unit has a final outcome yet')
  if (n <= coefficients) {
    return notEstimable('too-few-units', `${n} units cannot carry ${coefficients} coefficients`)
  }
  if (standardError <= 0) {
    return notEstimable('zero-variance', 'the fit is perfect so far: the spread is unknown, not zero')
  }
  const multiplier = tMixtureMultiplier(n, coefficients, { rho, alpha })
  const reach = multiplier * standardError
  const t = estimate / standardError
  if (!Number.isFinite(t) || (multiplier < Number.POSITIVE_INFINITY && !Number.isFinite(reach))) {
    return notEstimable('non-finite', `estimate ${estimate} with standard error ${standardError}`)
  }
  const logP = tMixtureLogP(t, n, coefficients, { rho })
  return {
    estimate,
    standardError,
    multiplier,
    interval: { level: 1 - alpha, lower: estimate - reach, upper: estimate + reach },
    pValue: Math.exp(logP),
    logP,
  }
}

/**
 * The difference of two arms adjusted for covariates by a regression with one slope for both (analysis of covariance),
 * from mergeable sums. Column 0 is the outcome, the others what was known of each unit before its first exposure; one
 * that is constant, or repeats others, is left out. Hand the look to {@link anytimeRegression}.
 */
export function adjustedLook(control: JointMoments, treatment: JointMoments): Estimable<RegressionLook> {
  const k = control.means.length
  if (k === 0 || treatment.means.length !== k) {
    throw new RangeError(
      `rows of ${k} numbers in control and of ${treatment.means.length} in treatment: give the outcome first, then the same covariates`,
    )
  }
  const n = control.n + treatment.n
  if (control.n === 0 || treatment.n === 0) {
    return notEstimable('no-data', `${control.n === 0 ? 'control' : 'treatment'} has no units`)
  }
  const delta = treatment.means.map((mean, i) => mean - control.means[i]!)
  const products = control.products.map((row, i) => row.map((each, j) => each + treatment.products[i]![j]!))
  if (![...delta, ...products.flat(), n].every(Number.isFinite)) {
    return notEstimable('non-finite', 'the means or products of an arm are not all finite')
  }
  const spreads = products.map((row, i) => row[i]!)
  let coefficients = 2
  let imbalance = 1 / control.n + 1 / treatment.n
  // Covariates are taken out one by one, of the outcome and of those still to come, as in Gauss's elimination.
  for (let j = 1; j < k; j++) {
    const own = products[j]![j]!
    if (!(own > 1e-10 * spreads[j]!)) continue
    coefficients++
    imbalance += (delta[j]! * delta[j]!) / own
    const pivot = [...products[j]!]
    const gap = delta[j]!
    for (let i = 0; i < k; i++) {
      if (i !== 0 && i <= j) continue
      const slope = pivot[i]! / own
      delta[i]! -= slope * gap
      for (let m = 0; m < k; m++) products[i]![m]! -= slope * pivot[m]!
    }
  }
  const residual = products[0]![0]!
  if (n <= coefficients) {
    return notEstimable('too-few-units', `${n} units cannot carry ${coefficients} coefficients`)
  }
  if (!(residual > 1e-14 * spreads[0]!)) {
    return notEstimable('zero-variance', 'the fit is perfect so far: the spread is unknown, not zero')
  }
  const standardError = Math.sqrt((residual / (n - coefficients)) * imbalance)
  if (!(Number.isFinite(delta[0]!) && Number.isFinite(standardError))) {
    return notEstimable('non-finite', `the difference is ${delta[0]} with standard error ${standardError}`)
  }
  return { estimate: delta[0]!, standardError, n, coefficients }
}

function degreesOfFreedom(n: number, coefficients: number): number {
  if (!(Number.isInteger(coefficients) && coefficients >= 1)) {
    throw new RangeError(`coefficients is ${coefficients}: count them, the intercept and all, as 2`)
  }
  if (!(n > coefficients && Number.isFinite(n))) {
    throw new RangeError(`n is ${n} for ${coefficients} coefficients: give more units than coefficients`)
  }
  return n - coefficients
}

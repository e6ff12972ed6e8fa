import { type AdjustmentMethod, adjustPValues } from './adjusted-p-values.ts'
import { type Estimable, isEstimable, notEstimable } from './estimable.ts'
import { type Moments, sampleVariance } from './moments.ts'
import { welch } from './welch.ts'

/** A covariate from before the experiment, in both arms. */
export interface Covariate {
  readonly name: string
  readonly control: Moments
  readonly treatment: Moments
}

/** What is asked of the balance. */
export interface BalanceOptions {
  /** How the p-values are adjusted for the number of covariates; `holm` by default. */
  readonly method?: AdjustmentMethod
}

/** How a covariate differs between the arms. */
export interface CovariateBalance {
  readonly name: string
  /** (treatment mean − control mean) / √((v_t + v_c)/2): free of units and of the sample size; 0.1 is by custom a lot. */
  readonly standardizedDifference: Estimable<{ readonly value: number }>
  /** Welch's p for equal means, adjusted over all covariates. Undefined where it cannot be had. */
  readonly adjustedP: number | undefined
}

/**
 * Standardised differences of covariates that randomization should have balanced (P. Austin, Statistics in Medicine 28,
 * 2009). A large sample makes small differences significant and a small one makes large ones likely: read both numbers.
 */
export function covariateBalance(
  covariates: readonly Covariate[],
  options?: BalanceOptions,
): CovariateBalance[] {
  const tests = covariates.map(({ control, treatment }) => welch(control, treatment))
  const adjusted = adjustPValues(
    tests.map((test) => (isEstimable(test) ? test.pValue : 1)),
    options?.method ?? 'holm',
  )
  return covariates.map((covariate, i) => ({
    name: covariate.name,
    standardizedDifference: standardizedDifference(covariate.control, covariate.treatment),
    adjustedP: isEstimable(tests[i]!) ? adjusted[i] : undefined,
  }))
}

function standardizedDifference(control: Moments, treatment: Moments): Estimable<{ readonly value: number }> {
  const c = sampleVariance(control)
  if (!isEstimable(c)) return c
  const t = sampleVariance(treatment)
  if (!isEstimable(t)) return t
  const spread = Math.sqrt(c.variance / 2 + t.variance / 2)
  if (spread === 0) return notEstimable('zero-variance', 'the covariate is constant in both arms')
  const value = (treatment.mean - control.mean) / spread
  return Number.isFinite(value) ? { value } : notEstimable('non-finite', `the difference is ${value}`)
}

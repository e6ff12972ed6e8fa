import {
  covariateBalance,
  emptyMoments,
  isEstimable,
  notEstimable,
  sampleVariance,
} from '@fairtrial/statistics'
import type { Estimable, Moments } from '@fairtrial/statistics'
import type { CovariateBalanceCheck, Estimate, Experiment } from '@fairtrial/protocol'
import type { CovariateProfile } from '../unit-profile.ts'
import { neverZero } from '../disparity.ts'
import { sayP } from '../words.ts'
import { CLUSTERED } from './dimensions.ts'
import type { Found } from '../found.ts'

/** As of the sample ratio of a table: one look, cause for caution at ten times what breaks it. */
const BALANCE_ALPHA = 0.001
/** By custom a lot (P. Austin, Statistics in Medicine 28, 2009). */
const LARGE_DIFFERENCE = 0.1
/** Differences that are told in a finding. */
const EXAMPLES = 3

/** Covariates in each arm, and every arm against control; all of it one family of tests. */
export function checkBalance(
  { variants, control, cluster }: Experiment,
  profiles: readonly CovariateProfile[],
): CovariateBalanceCheck[] {
  const covariates = profiles.map(({ covariate, arms }) => ({
    covariate,
    arms: variants.map(({ name }, arm) => ({ variant: name, ...(arms[arm] ?? NO_UNITS) })),
  }))
  const pairs = covariates.flatMap(({ covariate, arms }) => {
    const { moments } = arms.find(({ variant }) => variant === control) ?? NO_UNITS
    return arms
      .filter(({ variant }) => variant !== control)
      .map((arm) => ({ covariate, variant: arm.variant, control: moments, treatment: arm.moments }))
  })
  const balance = covariateBalance(pairs.map((pair) => ({ name: pair.covariate, ...pair })))
  const compared = pairs.map(({ covariate, variant }, at) => {
    const { standardizedDifference = NO_TEST, adjustedP } = balance[at] ?? {}
    const tested = adjustedP === undefined ? NO_TEST : neverZero(adjustedP)
    return {
      covariate,
      variant,
      standardizedDifference: valueOf(standardizedDifference),
      adjustedP: cluster === undefined ? tested : CLUSTERED,
    }
  })
  return covariates.map(({ covariate, arms }) => ({
    covariate,
    variants: Object.fromEntries(
      arms.map(({ variant, moments, missing }) => [
        variant,
        { n: moments.n, missing, mean: meanOf(moments), variance: varianceOf(moments) },
      ]),
    ),
    comparisons: Object.fromEntries(
      compared
        .filter((pair) => pair.covariate === covariate)
        .map(({ variant, standardizedDifference, adjustedP }) => [
          variant,
          { standardizedDifference, adjustedP },
        ]),
    ),
  }))
}

const NO_UNITS = { moments: emptyMoments, missing: 0 }

/** Covariates that randomization has not balanced. Broken where a difference is both large and no chance. */
export function balanceFindings(experiment: Experiment, checks: readonly CovariateBalanceCheck[]): Found[] {
  const off = checks
    .flatMap(({ covariate, comparisons }) =>
      Object.entries(comparisons).map(([variant, { standardizedDifference, adjustedP }]) => ({
        covariate,
        variant,
        difference: standardizedDifference,
        adjustedP,
      })),
    )
    .filter(isOff)
    .toSorted((a, b) => a.adjustedP - b.adjustedP || Math.abs(b.difference) - Math.abs(a.difference))
  if (off.length === 0) return []
  const isBroken = off.some(
    ({ difference, adjustedP }) => adjustedP < BALANCE_ALPHA && Math.abs(difference) >= LARGE_DIFFERENCE,
  )
  const told = off
    .slice(0, EXAMPLES)
    .map(
      ({ covariate, variant, difference, adjustedP }) =>
        `${covariate}, ${variant} against ${experiment.control}, by ${difference < 0 ? '−' : '+'}${Math.abs(difference).toPrecision(2)} standard deviations (adjusted p ${sayP(adjustedP)})`,
    )
  return [
    {
      code: 'covariate-imbalance',
      severity: isBroken ? 'broken' : 'caution',
      detail: `Arms differ before the exposure by more than chance: ${told.join('; ')}${off.length > EXAMPLES ? '; …' : ''}.`,
      remedy:
        'See that the covariate was measured before the exposure, and how units were assigned. Where both are right, let the plan adjust for it.',
      evidence: { covariates: checks.length, off: off.slice(0, EXAMPLES).map((each) => ({ ...each })) },
    },
  ]
}

interface Difference {
  readonly covariate: string
  readonly variant: string
  readonly difference: number
  readonly adjustedP: number
}

function isOff(
  each: {
    readonly [Key in keyof Difference]: Difference[Key] | Estimate<number>
  },
): each is Difference {
  const { difference, adjustedP } = each
  return typeof difference === 'number' && typeof adjustedP === 'number' && adjustedP < 10 * BALANCE_ALPHA
}

function meanOf({ n, mean }: Moments): Estimate<number> {
  return n === 0 ? { notEstimable: { code: 'no-data', detail: 'no unit has a value' } } : mean
}

function varianceOf(moments: Moments): Estimate<number> {
  const variance = sampleVariance(moments)
  return isEstimable(variance) ? variance.variance : variance
}

function valueOf(estimable: Estimable<{ readonly value: number }>): Estimate<number> {
  return isEstimable(estimable) ? estimable.value : estimable
}

const NO_TEST = notEstimable('not-applicable', 'the arms cannot be compared: a constant, or too few values')

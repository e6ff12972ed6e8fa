import { expect, it } from 'vitest'
import {
  deltaLift,
  type Estimable,
  fiellerLift,
  isEstimable,
  logRatioLift,
  type Moments,
  momentsFromSums,
  momentsOf,
  relativeLift,
  sampleRatioChiSquare,
  twoProportions,
  welch,
  wilson,
} from '../src/index.ts'
import { disagreements, type ReferenceCase } from './agreement.ts'
import reference from './reference/fixed-horizon.json' with { type: 'json' }

function known<T extends object>(value: Estimable<T>): T {
  if (isEstimable(value)) return value
  throw new Error(value.notEstimable.detail)
}

const ends = ({ lower, upper }: { lower: number; upper: number }) => [lower, upper]

interface VarianceSummary {
  n: number
  mean: number
  variance: number
}
const fromVariance = ({ n, mean, variance }: VarianceSummary): Moments => ({
  n,
  mean,
  m2: variance * (n - 1),
})

function lifts(input: any, level: number) {
  const control = known(momentsFromSums(input.control))
  const treatment = known(momentsFromSums(input.treatment))
  if (input.difference === 'relative') {
    const { lift, ...test } = known(relativeLift(control, treatment, { level }))
    return { estimate: lift, ...test }
  }
  const { difference, ...test } = known(welch(control, treatment, { level }))
  return { estimate: difference, ...test }
}

const methods: Record<string, (input: any) => unknown> = {
  welch: (input) => {
    const at = (level: number) =>
      known(welch(fromVariance(input.control), fromVariance(input.treatment), { level }))
    const test = at(0.95)
    return {
      difference: test.difference,
      se: test.standardError,
      t: test.t,
      df: test.degreesOfFreedom,
      p: test.pValue,
      logP: test.logP,
      pGreater: test.pGreater,
      pLess: test.pLess,
      ci90: ends(at(0.9).interval),
      ci95: ends(test.interval),
      ci99: ends(at(0.99).interval),
    }
  },
  'welch-raw': (input) => {
    const test = known(welch(momentsOf(input.control), momentsOf(input.treatment)))
    return { t: test.t, df: test.degreesOfFreedom, p: test.pValue, ci95: ends(test.interval) }
  },
  'mean-lift': (input) => {
    const { alpha } = input
    const { estimate, standardError: se, interval, pValue, pGreater, pLess } = lifts(input, 1 - alpha)
    const oneSided = lifts(input, 1 - 2 * alpha).interval
    return {
      twoSided: { estimate, se, ciLower: interval.lower, ciUpper: interval.upper, p: pValue, error: null },
      greater: { estimate, se, ciLower: oneSided.lower, ciUpper: null, p: pGreater, error: null },
      lesser: { estimate, se, ciLower: null, ciUpper: oneSided.upper, p: pLess, error: null },
    }
  },
  'mean-lift-published': (input) => {
    const { estimate, standardError: se, interval, pValue: p } = lifts(input, 1 - input.alpha)
    return { estimate, se, ciLower: interval.lower, ciUpper: interval.upper, p }
  },
  'two-proportions': (input) => {
    const test = known(twoProportions(input.control, input.treatment, { level: 1 - input.alpha }))
    const pooled = isEstimable(test.pooled) ? test.pooled : { z: null, pValue: null }
    return {
      difference: test.difference,
      zPooled: pooled.z,
      pPooled: pooled.pValue,
      seUnpooled: test.standardError,
      waldLower: test.wald.lower,
      waldUpper: test.wald.upper,
      newcombeLower: test.newcombe.lower,
      newcombeUpper: test.newcombe.upper,
    }
  },
  wilson: (input) => known(wilson(input, { level: 1 - input.alpha })),
  'relative-lift': (input) => {
    const control = { mean: input.controlMean, variance: input.controlMeanVariance }
    const treatment = { mean: input.treatmentMean, variance: input.treatmentMeanVariance }
    const options = { level: 1 - input.alpha }
    const delta = known(deltaLift(control, treatment, options))
    const fieller = known(fiellerLift(control, treatment, options))
    const logRatio = known(logRatioLift(control, treatment, options))
    return {
      lift: delta.lift,
      deltaSe: delta.standardError,
      deltaLower: delta.interval.lower,
      deltaUpper: delta.interval.upper,
      fiellerKind: fieller.kind,
      ...(fieller.kind !== 'whole-line' && { fiellerLower: fieller.lower, fiellerUpper: fieller.upper }),
      logRatioLower: logRatio.lower,
      logRatioUpper: logRatio.upper,
    }
  },
  'srm-chi-square': (input) => {
    const test = known(sampleRatioChiSquare(input.observed, input.weights))
    return { chiSquare: test.chiSquare, df: test.degreesOfFreedom, p: test.pValue, logP: test.logP }
  },
}
// gbstats' proportion statistics take p(1 − p) for the variance, without n − 1.
const asProportion = ({ n, sum }: { n: number; sum: number }) => ({
  mean: sum / n,
  variance: ((sum / n) * (1 - sum / n)) / n,
  degreesOfFreedom: n - 1,
})
methods['proportion-lift-published'] = (input) => {
  const test = known(deltaLift(asProportion(input.control), asProportion(input.treatment)))
  const { lift: estimate, standardError: se, interval, pValue: p } = test
  return { estimate, se, ciLower: interval.lower, ciUpper: interval.upper, p }
}
methods['proportion-lift'] = (input) => ({
  twoSided: { ...(methods['proportion-lift-published']!(input) as object), error: null },
})

// Exact tests and sequential columns of these cases belong to other functions.
const ELSEWHERE = new Set(['fisherExactP', 'clopperPearsonLower', 'clopperPearsonUpper', 'sequential5000'])

for (const each of reference.cases as ReferenceCase[]) {
  it(`${each.id} agrees with ${each.method}`, () => {
    const expected = Object.fromEntries(Object.entries(each.expected).filter(([key]) => !ELSEWHERE.has(key)))
    expect(disagreements({ ...each, expected }, methods[each.method]!(each.input))).toEqual([])
  })
}

import { sampleRatioTest } from '@fairtrial/sequential'
import type { PhaseCounts } from '@fairtrial/sequential'
import { isEstimable, sampleRatioChiSquare } from '@fairtrial/statistics'
import type { Experiment, FindingSeverity, SampleRatioCheck } from '@fairtrial/protocol'
import { MINIMUM_EXPECTED, neverZero, sum } from '../disparity.ts'
import { sayCount, sayP, sayShare } from '../words.ts'
import type { Found } from '../found.ts'

/** A single look is broken at this p, and cause for caution at ten times it. */
const SINGLE_LOOK_ALPHA = 0.001

/** A deviation so small, of the units expected of an arm, breaks no table: tens of millions of units make it significant. */
const SMALLEST_DEVIATION = 0.001

/** What stands beside the counts of the phase under audit. */
interface SampleRatioHistory {
  /** Each unit once, in the phase that it entered: these multiply into one test. */
  readonly phases: readonly PhaseCounts[]
  /**
   * Whether units of earlier phases came back. They entered by the same hash, so that they cannot be multiplied in; but
   * what is lost of them must show. So this phase is tested by itself as well, and each test has half of the error
   * (Bonferroni).
   */
  readonly hasReturned: boolean
  /** ln of the smallest p at an earlier look; 0 at the first. */
  readonly previousLogP: number
}

/** Units by arm against the weights; null without any unit. The anytime-valid p is the smallest of all looks so far. */
export function checkSampleRatio(
  experiment: Experiment,
  observed: readonly number[],
  { phases, hasReturned, previousLogP }: SampleRatioHistory,
): SampleRatioCheck | null {
  const weights = experiment.variants.map((variant) => variant.weight)
  const { concentration } = experiment.analysis.sampleRatio
  const fixed = sampleRatioChiSquare(observed, weights)
  const together = sampleRatioTest(phases, { concentration })
  const alone = sampleRatioTest([{ counts: observed, weights }], { concentration })
  if (!isEstimable(fixed) || !isEstimable(together) || !isEstimable(alone)) return null
  const logBayesFactor = hasReturned
    ? Math.max(together.logBayesFactor, alone.logBayesFactor) - Math.LN2
    : together.logBayesFactor
  const byName = (values: readonly number[]) =>
    Object.fromEntries(experiment.variants.map(({ name }, arm) => [name, values[arm] ?? 0]))
  return {
    observed: byName(observed),
    weights: byName(weights),
    chiSquare: fixed.chiSquare,
    degreesOfFreedom: fixed.degreesOfFreedom,
    pValue: neverZero(fixed.pValue),
    anytimePValue: neverZero(Math.exp(Math.min(0, previousLogP, -logBayesFactor))),
    logBayesFactor,
  }
}

/** The finding of a running trial: by the test that may be looked at any number of times. */
export function sampleRatioFinding(check: SampleRatioCheck, alpha: number): Found[] {
  const severity = severityAt(check.anytimePValue, alpha)
  return severity === null ? [] : [findingOf(check, severity, `anytime-valid p ${sayP(check.anytimePValue)}`)]
}

/** The finding of a table, which is one look and the last. Few units go by the other test, which is right for any number. */
export function singleLookFinding(check: SampleRatioCheck): Found[] {
  const arms = armsOf(check)
  const isRough = arms.some(({ expected }) => expected < MINIMUM_EXPECTED)
  const p = isRough ? check.anytimePValue : check.pValue
  const severity = severityAt(p, SINGLE_LOOK_ALPHA)
  if (severity === null) return []
  const isSmall = arms.every(({ deviation }) => Math.abs(deviation) < SMALLEST_DEVIATION)
  const test = `${isRough ? 'anytime-valid' : 'chi-square'} p ${sayP(p)}`
  return [findingOf(check, isSmall ? 'caution' : severity, test)]
}

function severityAt(p: number, alpha: number): FindingSeverity | null {
  if (p < alpha) return 'broken'
  return p < 10 * alpha ? 'caution' : null
}

function armsOf({ observed, weights }: SampleRatioCheck) {
  const units = sum(Object.values(observed))
  const weight = sum(Object.values(weights))
  return Object.entries(observed).map(([name, count]) => {
    const expected = (units * (weights[name] ?? 0)) / weight
    return { name, count, expected, deviation: (count - expected) / expected }
  })
}

function findingOf(check: SampleRatioCheck, severity: FindingSeverity, test: string): Found {
  const arms = armsOf(check)
  const told = arms.map(
    ({ name, count, expected, deviation }) =>
      `${name} has ${sayCount(count, 'unit')}, ${expected.toLocaleString('en-US', { maximumFractionDigits: 1 })} expected (${deviation < 0 ? '−' : '+'}${sayShare(Math.abs(deviation))})`,
  )
  return {
    code: 'sample-ratio',
    severity,
    detail: `Sample ratio mismatch: ${told.join('; ')}; ${test}.`,
    remedy:
      'Look for exposures that one arm loses: crashes, redirects, bots, a late call to expose. Effects are not to be read until it is found.',
    evidence: {
      observed: check.observed,
      expected: Object.fromEntries(arms.map(({ name, expected }) => [name, expected])),
      largestDeviation: Math.max(...arms.map(({ deviation }) => Math.abs(deviation))),
      pValue: check.pValue,
      anytimePValue: check.anytimePValue,
    },
  }
}

import { type Estimable, isEstimable, notEstimable } from '@fairtrial/statistics'
import { dirichletLogMixture } from './dirichlet-mixture.ts'

/** How units fell on the arms during one phase: a stretch with one set of weights. */
export interface PhaseCounts {
  /** Units on each arm since the phase began (cumulative, not the day's), in the order of the weights. */
  readonly counts: readonly number[]
  /** Planned shares: any positive numbers of any sum. */
  readonly weights: readonly number[]
}

/** What the plan fixed, and what earlier looks left behind. */
export interface SampleRatioOptions {
  /**
   * Strength of the prior around the planned shares, in units: larger finds small mismatches in large samples
   * sooner, smaller finds gross ones in few units. 10,000 by default, as Optimizely's.
   */
  readonly concentration?: number
  /** `logP` of the look before; 0, the default, at the first. Carries the running minimum. */
  readonly previousLogP?: number
}

/** The sequential sample ratio test as it stands at a look. */
export interface SampleRatioEvidence {
  /** Units on all arms of all phases. */
  readonly units: number
  /** ln of the Bayes factor for "another ratio" against the planned one: an e-value's logarithm. */
  readonly logBayesFactor: number
  /** Smallest 1/BF so far: P(ever below α) ≤ α under the planned ratio, however often one looks. */
  readonly pValue: number
  /** ln of that p; hand it to the next look as `previousLogP`. */
  readonly logP: number
  /** BF/(1 + BF) at this look: the mismatch's posterior probability after even odds. */
  readonly posteriorProbability: number
}

/**
 * ln of the Dirichlet-multinomial Bayes factor against the planned shares (Lindon & Malek, Anytime-valid
 * inference for multinomial count data, NeurIPS 2022; Optimizely's ssrm), from cumulative counts.
 */
export function sampleRatioLogBayesFactor(
  phase: PhaseCounts,
  concentration: number,
): Estimable<{
  readonly units: number
  readonly logBayesFactor: number
}> {
  const { counts, weights } = phase
  if (counts.length !== weights.length || weights.length < 2) {
    throw new RangeError(
      `${counts.length} counts and ${weights.length} weights: give one of each to an arm, for two arms or more`,
    )
  }
  if (!weights.every((weight) => weight > 0 && Number.isFinite(weight))) {
    throw new RangeError(`weights are ${weights.join(', ')}: each must be a finite number above 0`)
  }
  if (!(concentration > 0 && Number.isFinite(concentration))) {
    throw new RangeError(`concentration is ${concentration}: give a finite number of units above 0`)
  }
  if (!counts.every(Number.isFinite)) return notEstimable('non-finite', `the counts are ${counts.join(', ')}`)
  if (counts.some((count) => count < 0)) {
    return notEstimable('not-applicable', `the counts are ${counts.join(', ')}`)
  }
  const units = counts.reduce((sum, count) => sum + count, 0)
  const weight = weights.reduce((sum, each) => sum + each, 0)
  const counted = counts.map((count, arm) => {
    const share = weights[arm]! / weight
    return { share, count, surplus: count - units * share }
  })
  return { units, logBayesFactor: dirichletLogMixture(concentration, counted) }
}

/**
 * The sample ratio test that may be looked at any number of times. Phases with different weights multiply their
 * e-values into one test of the whole experiment; a phase that is over keeps its last counts.
 */
export function sampleRatioTest(
  phases: readonly PhaseCounts[],
  { concentration = 10_000, previousLogP = 0 }: SampleRatioOptions = {},
): Estimable<SampleRatioEvidence> {
  let units = 0
  let logBayesFactor = 0
  for (const phase of phases) {
    const evidence = sampleRatioLogBayesFactor(phase, concentration)
    if (!isEstimable(evidence)) return evidence
    units += evidence.units
    logBayesFactor += evidence.logBayesFactor
  }
  const logP = Math.min(0, previousLogP, 0 - logBayesFactor)
  return {
    units,
    logBayesFactor,
    pValue: Math.exp(logP),
    logP,
    posteriorProbability: 1 / (1 + Math.exp(-logBayesFactor)),
  }
}

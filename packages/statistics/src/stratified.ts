import { bothMeans, satterthwaite } from './arm.ts'
import { type Estimable, isEstimable, notEstimable } from './estimable.ts'
import { type LevelOptions, levelOf } from './interval.ts'
import { emptyMoments, mergeMoments, type Moments } from './moments.ts'
import { tTest } from './t-test.ts'
import type { WelchTest } from './welch.ts'

/** Both arms within one stratum: a country, a platform, a day of arrival. */
export interface Stratum {
  readonly control: Moments
  readonly treatment: Moments
}

/**
 * How the shares of the strata count in the variance.
 *
 * - `fixed`: as known numbers, Σ w² (v_c/n_c + v_t/n_t): randomization within strata, or an effect on just these units
 *   (L. Miratrix, J. Sekhon & B. Yu, JRSS B 75, 2013).
 * - `estimated`: as shares of a population that these units were drawn from; adds (Σ w d² − (Σ w d)²) / n, which is 0
 *   when the effect is the same everywhere.
 */
export type StratumWeights = 'fixed' | 'estimated'

/** How a stratified difference is taken. */
export interface StratifiedOptions extends LevelOptions {
  /** `estimated` by default: the wider of the two. */
  readonly weights?: StratumWeights
}

/** A difference that the mix of strata in the arms cannot move. */
export interface StratifiedDifference extends WelchTest {
  readonly weights: StratumWeights
}

/**
 * Post-stratified difference of means: the difference within each stratum, weighted by the stratum's share of all
 * units. Its degrees of freedom are Welch's of the arms as a whole. Every stratum needs two units in each arm; join
 * small strata before.
 */
export function stratifiedDifference(
  strata: readonly Stratum[],
  options?: StratifiedOptions,
): Estimable<StratifiedDifference> {
  const level = levelOf(options)
  const weights = options?.weights ?? 'estimated'
  const units = strata.reduce((sum, { control, treatment }) => sum + control.n + treatment.n, 0)
  if (units === 0) return notEstimable('no-data', 'no stratum has any units')
  let difference = 0
  let variance = 0
  const effects: { share: number; effect: number }[] = []
  for (const [i, stratum] of strata.entries()) {
    const n = stratum.control.n + stratum.treatment.n
    if (n === 0) continue
    const means = bothMeans(stratum.control, stratum.treatment)
    if (!isEstimable(means)) {
      return notEstimable(means.notEstimable.code, `in stratum ${i}, ${means.notEstimable.detail}`)
    }
    const share = n / units
    const effect = means.treatment.mean - means.control.mean
    difference += share * effect
    variance += share * share * (means.control.variance + means.treatment.variance)
    effects.push({ share, effect })
  }
  if (weights === 'estimated') {
    variance +=
      effects.reduce((sum, { share, effect }) => sum + share * (effect - difference) ** 2, 0) / units
  }
  const whole = bothMeans(
    strata.reduce((sum, { control }) => mergeMoments(sum, control), emptyMoments),
    strata.reduce((sum, { treatment }) => mergeMoments(sum, treatment), emptyMoments),
  )
  if (!isEstimable(whole)) return whole
  const degreesOfFreedom = satterthwaite(whole.control, whole.treatment)
  const test = tTest(difference, Math.sqrt(variance), degreesOfFreedom, level)
  return isEstimable(test) ? { difference, weights, ...test } : test
}

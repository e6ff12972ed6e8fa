import { bothMeans, satterthwaite } from './arm.ts'
import { type Estimable, isEstimable, notEstimable } from './estimable.ts'
import { type LevelOptions, levelOf } from './interval.ts'
import type { Lift } from './lift.ts'
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
  /** With control's plain mean, which a relative effect is relative to. */
  readonly controlCovariance: number
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
  const estimates = stratify(strata, options)
  if (!isEstimable(estimates)) return estimates
  const { weights, difference, variance, controlCovariance, degreesOfFreedom } = estimates
  const test = tTest(difference, Math.sqrt(variance), degreesOfFreedom, level)
  return isEstimable(test) ? { difference, weights, controlCovariance, ...test } : test
}

/**
 * {@link stratifiedDifference} relative to control's plain mean, by the delta method: se² of d/c is
 * (v_d + L² v_c − 2 L cov(d, c)) / c².
 */
export function stratifiedLift(strata: readonly Stratum[], options?: StratifiedOptions): Estimable<Lift> {
  const level = levelOf(options)
  const estimates = stratify(strata, options)
  if (!isEstimable(estimates)) return estimates
  const { difference, variance, controlCovariance, control, degreesOfFreedom } = estimates
  const size = Math.abs(control.mean)
  if (size === 0) {
    return notEstimable('zero-control-mean', 'the control mean is 0: nothing to be relative to')
  }
  const ratio = difference / control.mean
  const relativeVariance =
    (variance + ratio ** 2 * control.variance - 2 * ratio * controlCovariance) / size / size
  const lift = difference / size
  if (!(Number.isFinite(lift) && Number.isFinite(relativeVariance))) {
    return notEstimable('non-finite', `a difference of ${difference} to ${control.mean} has no finite ratio`)
  }
  const test = tTest(lift, Math.sqrt(Math.max(0, relativeVariance)), degreesOfFreedom, level)
  return isEstimable(test) ? { lift, ...test } : test
}

function stratify(strata: readonly Stratum[], options: StratifiedOptions | undefined) {
  const weights = options?.weights ?? 'estimated'
  const units = strata.reduce((sum, { control, treatment }) => sum + control.n + treatment.n, 0)
  if (units === 0) return notEstimable('no-data', 'no stratum has any units')
  const whole = bothMeans(
    strata.reduce((sum, { control }) => mergeMoments(sum, control), emptyMoments),
    strata.reduce((sum, { treatment }) => mergeMoments(sum, treatment), emptyMoments),
  )
  let difference = 0
  let variance = 0
  let controlCovariance = 0
  const effects: { share: number; effect: number; control: number }[] = []
  for (const [i, stratum] of strata.entries()) {
    const n = stratum.control.n + stratum.treatment.n
    if (n === 0) continue
    const means = bothMeans(stratum.control, stratum.treatment)
    if (!isEstimable(means)) {
      return notEstimable(means.notEstimable.code, `in stratum ${i}, ${means.notEstimable.detail}`)
    }
    const { control, treatment } = means
    const share = n / units
    const effect = treatment.mean - control.mean
    difference += share * effect
    variance += share * share * (control.variance + treatment.variance)
    controlCovariance -= share * control.variance * stratum.control.n
    effects.push({ share, effect, control: control.mean })
  }
  if (!isEstimable(whole)) return whole
  // A control unit counts 1/n in control's mean, and −share/n of its stratum in the difference.
  controlCovariance /= strata.reduce((sum, { control }) => sum + control.n, 0)
  if (weights === 'estimated') {
    const middle = effects.reduce((sum, { share, control }) => sum + share * control, 0)
    let [spread, shared] = [0, 0]
    for (const { share, effect, control } of effects) {
      spread += share * (effect - difference) ** 2
      shared += share * (effect - difference) * (control - middle)
    }
    variance += spread / units
    controlCovariance += shared / units
  }
  const degreesOfFreedom = satterthwaite(whole.control, whole.treatment)
  return { weights, difference, variance, controlCovariance, control: whole.control, degreesOfFreedom }
}

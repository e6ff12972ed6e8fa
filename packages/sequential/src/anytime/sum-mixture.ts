import { incompleteBeta, normalLogCdf } from '@fairtrial/statistics'
import { monotoneRoot } from '../group-sequential/monotone-root.ts'
import { concentrationOf, dirichletLogMixture } from './dirichlet-mixture.ts'
import { logGammaTail } from './gamma-tail.ts'
import { checkAlpha, checkPositive, checkRho, type Tuning } from './tuning.ts'

/**
 * A sum S of deviations from what a hypothesis expects, at intrinsic time v (its accumulated variance, in squared
 * units), and what is known of its steps. `rho` is in intrinsic time too: `explicitTuning({ alpha, tunedAt: v })`, for
 * one side at `2 * alpha`.
 *
 * - `normal`: steps with tails no heavier than a normal's of that variance.
 * - `gamma-exponential`: with tails no heavier than an exponential's of this `scale`, or bounded within it where v is
 *   estimated from the steps. One-sided.
 * - `gamma-poisson`: steps of at most `scale`, or centred Poisson counts (scale 1, v their mean). One-sided.
 * - `beta-binomial`: steps between −`below` and `above`; v is `below · above` a step.
 *
 * Howard, Ramdas, McAuliffe & Sekhon, Time-uniform, nonparametric, nonasymptotic confidence sequences, Annals of
 * Statistics 49, 2021: its conjugate mixtures.
 */
export type SumMixture = Tuning &
  (
    | { readonly type: 'normal'; readonly sides?: 1 | 2 }
    | { readonly type: 'gamma-exponential'; readonly scale: number }
    | { readonly type: 'gamma-poisson'; readonly scale: number }
    | {
        readonly type: 'beta-binomial'
        readonly below: number
        readonly above: number
        readonly sides?: 1 | 2
      }
  )

/**
 * ln of the mixture at (S, v): an e-value's logarithm. While the hypothesis holds, it ever exceeds ln(1/α) with
 * probability at most α. −Infinity for a sum that steps of this kind cannot reach.
 */
export function logMixture(sum: number, intrinsicTime: number, mixture: SumMixture): number {
  checkMixture(mixture)
  checkTime(intrinsicTime)
  if (!Number.isFinite(sum)) throw new RangeError(`sum is ${sum}: give a finite number`)
  return evidenceOf(mixture)(sum, intrinsicTime)
}

/**
 * How far the sum may get at an intrinsic time: that it ever gets beyond has probability at most alpha. With two sides
 * alpha is for both, and the lower bound of an asymmetric beta-binomial is that of the mirrored mixture. Where the steps
 * cannot carry the sum beyond any bound, its largest value.
 */
export function mixtureBound(intrinsicTime: number, mixture: SumMixture, alpha: number): number {
  checkMixture(mixture)
  checkTime(intrinsicTime)
  checkAlpha(alpha)
  const v = intrinsicTime
  const { rho } = mixture
  const unit = Math.sqrt(v + rho)
  const normal = Math.sqrt(Math.log1p(v / rho) - 2 * Math.log(alpha))
  if (mixture.type === 'normal' && mixture.sides !== 1) return unit * normal
  const evidence = evidenceOf(mixture)
  const most = mixture.type === 'beta-binomial' ? v / mixture.below : Number.POSITIVE_INFINITY
  const excess = (x: number) => evidence(Math.min(most, x * unit), v) + Math.log(alpha)
  let high = normal
  while (high * unit < most && excess(high) < 0) high *= 2
  if (!(high * unit < most || excess(high) > 0)) return most
  return Math.min(most, unit * monotoneRoot(excess, 0, high))
}

/** The mixture with its constants worked out. */
function evidenceOf(mixture: SumMixture): (sum: number, v: number) => number {
  const { rho } = mixture
  switch (mixture.type) {
    case 'normal':
      return (sum, v) => {
        const z = sum / Math.sqrt(v + rho)
        const both = 0.5 * z * z - 0.5 * Math.log1p(v / rho)
        return mixture.sides === 1 ? both + Math.LN2 + normalLogCdf(z) : both
      }
    case 'gamma-exponential': {
      const c = mixture.scale
      const prior = logGammaTail(rho / c / c, rho / c / c, 0, 'lower')
      return (sum, v) => {
        const shape = (v + rho) / c / c
        return shape + sum / c > 0 ? logGammaTail(shape, shape + sum / c, -sum / c, 'lower') - prior : NONE
      }
    }
    case 'gamma-poisson': {
      const c = mixture.scale
      const prior = logGammaTail(rho / c / c, rho / c / c, 0, 'upper')
      return (sum, v) => {
        const x = (v + rho) / c / c
        return x + sum / c > 0 ? logGammaTail(x + sum / c, x, sum / c, 'upper') - prior : NONE
      }
    }
    case 'beta-binomial':
      return betaBinomialEvidence(mixture)
  }
}

const NONE = Number.NEGATIVE_INFINITY

/** Steps of −below and above are failures and successes of chance p = below / (below + above). */
function betaBinomialEvidence({
  rho,
  below,
  above,
  sides,
}: Extract<SumMixture, { type: 'beta-binomial' }>): (sum: number, v: number) => number {
  const width = below + above
  const [p, q] = [below / width, above / width]
  const concentration = concentrationOf(rho / below / above)
  // Of one side only the chances above p are mixed over: the prior and the posterior, cut off there.
  const logAbove = (successes: number, failures: number) =>
    incompleteBeta(q, concentration * q + failures, concentration * p + successes, p).logLower
  const prior = sides === 1 ? logAbove(0, 0) : 0
  return (sum, v) => {
    const successes = (v / above + sum) / width
    const failures = (v / below - sum) / width
    const slack = -1e-12 * (successes + failures)
    if (successes < slack || failures < slack) return NONE
    const counts = [Math.max(0, successes), Math.max(0, failures)] as const
    const surplus = sum / width
    const both = dirichletLogMixture(concentration, [
      { share: p, count: counts[0], surplus },
      { share: q, count: counts[1], surplus: -surplus },
    ])
    return sides === 1 ? both + logAbove(...counts) - prior : both
  }
}

function checkMixture(mixture: SumMixture): void {
  checkRho(mixture.rho)
  if ('scale' in mixture) checkPositive('scale', mixture.scale, 'give the size of the largest step')
  if ('below' in mixture) {
    checkPositive('below', mixture.below, 'give how far a step can fall below 0')
    checkPositive('above', mixture.above, 'give how far a step can rise above 0')
  }
  if ('sides' in mixture && mixture.sides !== undefined && mixture.sides !== 1 && mixture.sides !== 2) {
    throw new RangeError(`sides is ${String(mixture.sides)}: give 1 or 2`)
  }
}

function checkTime(intrinsicTime: number): void {
  if (intrinsicTime >= 0 && intrinsicTime <= 1e150) return
  throw new RangeError(
    `intrinsicTime is ${intrinsicTime}: give the accumulated variance, from 0 to 1e150; choose units in which it is`,
  )
}

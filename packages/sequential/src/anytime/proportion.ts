import { type Estimable, type Interval, notEstimable, type Proportion } from '@fairtrial/statistics'
import { concentrationOf, dirichletLogMixture } from './dirichlet-mixture.ts'
import { logOddsRange } from './log-odds-range.ts'
import { checkAlpha, checkRho, type TwoSidedSequence } from './tuning.ts'

/** A proportion with the interval that is valid at this look and at every other. */
export interface AnytimeProportion {
  readonly n: number
  readonly proportion: number
  readonly interval: Interval
}

/**
 * The confidence sequence of one proportion, exact at every n however rare the successes: the chances against which the
 * beta-binomial mixture has less than ln(1/α) of evidence (Howard, Ramdas, McAuliffe & Sekhon, Annals of Statistics 49,
 * 2021). `rho` is in units, from `explicitTuning`.
 */
export function anytimeProportion(
  { successes, n }: Proportion,
  { rho, alpha }: TwoSidedSequence,
): Estimable<AnytimeProportion> {
  checkRho(rho)
  checkAlpha(alpha)
  if (!(Number.isFinite(successes) && Number.isFinite(n))) {
    return notEstimable('non-finite', `${successes} successes of ${n} units`)
  }
  if (successes < 0 || successes > n) {
    return notEstimable('not-applicable', `${successes} successes of ${n} units: no sample looks like this`)
  }
  if (n === 0) return notEstimable('no-data', 'there are no units')
  const failures = n - successes
  const concentration = concentrationOf(rho)
  const range = logOddsRange(successes, failures, (p, q) => {
    const surplus = successes * q - failures * p
    const evidence = dirichletLogMixture(concentration, [
      { share: p, count: successes, surplus },
      { share: q, count: failures, surplus: -surplus },
    ])
    return evidence + Math.log(alpha)
  })
  return {
    n,
    proportion: successes / n,
    interval: { level: 1 - alpha, lower: shareAt(range.lower), upper: shareAt(range.upper) },
  }
}

/** The share whose log odds are given. */
export function shareAt(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds))
}

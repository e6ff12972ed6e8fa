import { type Estimable, notEstimable } from '@fairtrial/statistics'
import { concentrationOf, dirichletLogMixture } from './dirichlet-mixture.ts'
import { lowestPoint } from './lowest-point.ts'
import { disorder } from './quantile-sequence.ts'
import { checkQuantile } from './stitching.ts'
import { checkRho, type Tuning } from './tuning.ts'

/** What the plan fixed, and what earlier looks left behind. */
export interface QuantileTestOptions extends Tuning {
  /** `logP` of the look before; 0, the default, at the first. Carries the running minimum. */
  readonly previousLogP?: number
}

/** The comparison of a quantile as it stands at a look. */
export interface QuantileEvidence {
  /** Values of both arms. */
  readonly n: number
  /** ln of the least evidence that any common value leaves: of an e-value against equal quantiles. */
  readonly logEValue: number
  /** Smallest 1/E so far: P(ever below α) ≤ α where the quantiles are equal, however often one looks. */
  readonly pValue: number
  /** ln of that p; hand it to the next look as `previousLogP`. */
  readonly logP: number
}

/**
 * Is the p quantile of two arms the same? Each value that it could have in common is tested in each arm by the
 * beta-binomial mixture on ranks, and the one with the least evidence against it in both is what is left (Howard &
 * Ramdas, Sequential estimation of quantiles with applications to A/B-testing, Bernoulli 28, 2022, and its preprint of
 * 2019). `rho` is in values of one arm, from `explicitTuning`.
 *
 * The values, sorted in ascending order, must be independent: one a randomized unit, never one a request.
 */
export function quantileTest(
  control: ArrayLike<number>,
  treatment: ArrayLike<number>,
  p: number,
  { rho, previousLogP = 0 }: QuantileTestOptions,
): Estimable<QuantileEvidence> {
  checkQuantile(p)
  checkRho(rho)
  const strange = disorder(control, "control's values") ?? disorder(treatment, "treatment's values")
  if (strange) return strange
  if (control.length === 0 || treatment.length === 0) {
    return notEstimable('no-data', `${control.length} values in control, ${treatment.length} in treatment`)
  }
  const arms = [rankedArm(control, p, rho), rankedArm(treatment, p, rho)] as const
  // Below both values of least evidence both curves fall, above both they rise: the common one lies between.
  const first = Math.min(arms[0].best, arms[1].best)
  const last = Math.max(arms[0].best, arms[1].best)
  let logEValue = Number.POSITIVE_INFINITY
  for (const { sorted } of arms) {
    for (let i = countBelow(sorted, first); i < sorted.length && sorted[i]! <= last; i++) {
      if (i > 0 && sorted[i] === sorted[i - 1]) continue
      logEValue = Math.min(logEValue, arms[0].evidence(sorted[i]!) + arms[1].evidence(sorted[i]!))
    }
  }
  const logP = Math.min(0, previousLogP, 0 - logEValue)
  return { n: control.length + treatment.length, logEValue, pValue: Math.exp(logP), logP }
}

/** An arm's values with the evidence that each of them, or a gap beside it, leaves against being the quantile. */
function rankedArm(sorted: ArrayLike<number>, p: number, rho: number) {
  const n = sorted.length
  const concentration = concentrationOf(rho)
  const evidenceAt = (share: number) => {
    const surplus = n * (share - p)
    return dirichletLogMixture(concentration, [
      { share: p, count: n * share, surplus },
      { share: 1 - p, count: n * (1 - share), surplus: -surplus },
    ])
  }
  const lowest = lowestPoint(evidenceAt, 0, 1)
  return {
    sorted,
    /** A value with the least evidence. */
    best: sorted[Math.min(n - 1, Math.floor(lowest * n))]!,
    evidence(value: number) {
      // The share at or below the quantile may be any that a mass on this value leaves open.
      const least = countBelow(sorted, value) / n
      const most = countAtOrBelow(sorted, value) / n
      return evidenceAt(Math.min(most, Math.max(least, lowest)))
    },
  }
}

function countBelow(sorted: ArrayLike<number>, value: number): number {
  return countWhile(sorted, (each) => each < value)
}

function countAtOrBelow(sorted: ArrayLike<number>, value: number): number {
  return countWhile(sorted, (each) => each <= value)
}

/** How many values come first, by bisection. */
function countWhile(sorted: ArrayLike<number>, isEarly: (value: number) => boolean): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isEarly(sorted[middle]!)) low = middle + 1
    else high = middle
  }
  return low
}

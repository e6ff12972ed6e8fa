import { type Estimable, notEstimable } from './estimable.ts'
import { studentTSf } from './student-t.ts'

/** What an effect is held against. */
export interface EffectHypotheses {
  /** Which way is good. */
  readonly better: 'higher' | 'lower'
  /** How much worse is still acceptable, and how far apart is still the same: ≥ 0, on the scale of the effect; 0 by default. */
  readonly margin?: number
  /** The lift that pays, ≥ 0; 0 by default. Superiority is held against it. */
  readonly worthwhile?: number
}

/**
 * What an interval says. All follow from the same interval at its own level, and hold together without a correction:
 * they are regions of one line.
 */
export interface EffectConclusions {
  /** The whole interval is better than the worthwhile lift. */
  readonly isSuperior: boolean
  /** The whole interval is better than minus the margin. */
  readonly isNonInferior: boolean
  /** The whole interval lies within the margin on both sides. */
  readonly isEquivalent: boolean
  /** The whole interval is worse than 0: harm is shown. */
  readonly isInferior: boolean
  /** The whole interval is worse than minus the margin: harm that is not acceptable is shown. */
  readonly isUnacceptable: boolean
  /** In words of one: the strongest that holds. */
  readonly conclusion:
    | 'unacceptable'
    | 'inferior'
    | 'superior'
    | 'equivalent'
    | 'non-inferior'
    | 'inconclusive'
  /** What was ruled out: effects that are better than `better` or worse than `worse`, both as goodness (larger is better). */
  readonly ruledOut: { readonly better: number; readonly worse: number }
}

/**
 * Reads superiority, non-inferiority, equivalence and inferiority off one interval, whatever made it: a fixed look, a
 * confidence sequence, a repeated interval. Equivalence so read is two one-sided tests, each at half of 1 − level.
 * When several hold, `conclusion` puts harm first; an effect can be inferior and acceptable at once.
 */
export function concludeFrom(
  interval: { readonly lower: number; readonly upper: number },
  hypotheses: EffectHypotheses,
): EffectConclusions {
  const { margin, worthwhile } = boundsOf(hypotheses)
  const isHigherBetter = hypotheses.better === 'higher'
  // Adding 0 makes a negative zero an ordinary one.
  const worst = (isHigherBetter ? interval.lower : -interval.upper) + 0
  const best = (isHigherBetter ? interval.upper : -interval.lower) + 0
  const isSuperior = worst > worthwhile
  const isNonInferior = worst > -margin
  const isEquivalent = isNonInferior && best < margin
  const isInferior = best < 0
  const isUnacceptable = best < -margin
  return {
    isSuperior,
    isNonInferior,
    isEquivalent,
    isInferior,
    isUnacceptable,
    conclusion: isUnacceptable
      ? 'unacceptable'
      : isInferior
        ? 'inferior'
        : isSuperior
          ? 'superior'
          : isEquivalent
            ? 'equivalent'
            : isNonInferior
              ? 'non-inferior'
              : 'inconclusive',
    ruledOut: { better: best, worse: worst },
  }
}

/** The one-sided p-value of each conclusion, for the same estimate. */
export interface HypothesisPValues {
  readonly superiority: number
  readonly nonInferiority: number
  /** The larger of two one-sided tests (D. Schuirmann, J. Pharmacokinetics and Biopharmaceutics 15, 1987). */
  readonly equivalence: number
  readonly inferiority: number
}

/** The p-values that belong to {@link concludeFrom}: each is below (1 − level)/2 exactly when the interval concludes. */
export function hypothesisPValues(
  effect: { readonly estimate: number; readonly standardError: number; readonly degreesOfFreedom?: number },
  hypotheses: EffectHypotheses,
): Estimable<HypothesisPValues> {
  const { margin, worthwhile } = boundsOf(hypotheses)
  const { estimate, standardError, degreesOfFreedom = Number.POSITIVE_INFINITY } = effect
  if (!(Number.isFinite(estimate) && Number.isFinite(standardError))) {
    return notEstimable('non-finite', `the effect is ${estimate} with standard error ${standardError}`)
  }
  if (!(standardError > 0)) {
    return notEstimable('zero-variance', `a standard error of ${standardError} would claim certainty`)
  }
  const goodness = hypotheses.better === 'higher' ? estimate : -estimate
  const above = (threshold: number) => studentTSf((goodness - threshold) / standardError, degreesOfFreedom)
  const below = (threshold: number) => studentTSf((threshold - goodness) / standardError, degreesOfFreedom)
  return {
    superiority: above(worthwhile),
    nonInferiority: above(-margin),
    equivalence: Math.max(above(-margin), below(margin)),
    inferiority: below(0),
  }
}

function boundsOf({ margin = 0, worthwhile = 0 }: EffectHypotheses): { margin: number; worthwhile: number } {
  for (const [name, value] of Object.entries({ margin, worthwhile })) {
    if (!(value >= 0 && Number.isFinite(value)))
      throw new RangeError(`${name} is ${value}: give a number ≥ 0`)
  }
  return { margin, worthwhile }
}

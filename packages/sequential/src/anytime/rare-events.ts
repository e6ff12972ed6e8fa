import {
  deviance,
  type Estimable,
  incompleteBeta,
  type Interval,
  logBeta,
  notEstimable,
  stirlingError,
} from '@fairtrial/statistics'
import { logOddsRange } from './log-odds-range.ts'
import type { Side } from './normal-mixture.ts'
import { shareAt } from './proportion.ts'
import { checkAlpha, checkPositive } from './tuning.ts'

/** Events of one arm: crashes, errors, complaints. */
export interface EventCount {
  /** A whole number ≥ 0. */
  readonly events: number
  /** What they are counted over: units, sessions, hours; one measure for both arms, above 0. */
  readonly exposure: number
}

/** What the plan fixed, and what earlier looks left behind. */
export interface RareEventOptions {
  /** Error probability over all looks together, in (0, 1). */
  readonly alpha: number
  /** `both` unless the plan bounds one direction only: `lower` gathers evidence of a larger rate in treatment. */
  readonly side?: Side
  /** The rate ratio, treatment over control, that is tested; 1 by default. A margin: 1.2 asks for more than 20 % harm. */
  readonly nullRatio?: number
  /** Beta prior on treatment's share of the events, treatment first; [1, 1] by default. */
  readonly prior?: readonly [number, number]
  /** `logP` of the look before; 0, the default, at the first. Carries the running minimum. */
  readonly previousLogP?: number
}

/** The comparison of two counts as it stands at a look. */
export interface RareEventEvidence {
  /** Events of both arms. */
  readonly events: number
  /** Rate in treatment over rate in control; Infinity without an event in control, undefined without any. */
  readonly rateRatio: number | undefined
  /** Of the rate ratio, valid at this look and at every other. */
  readonly interval: Interval
  /** The same interval on the scale of treatment's share of the events. */
  readonly treatmentShare: Interval
  /** ln of the e-value against the tested ratio. */
  readonly logEValue: number
  /** Smallest 1/E so far: P(ever below α) ≤ α under the tested ratio, however often one looks. */
  readonly pValue: number
  /** ln of that p; hand it to the next look as `previousLogP`. */
  readonly logP: number
}

/**
 * Are there more events in treatment than in control? Two integers are all it needs, so it may be asked after every
 * event. Given their total, each event falls on treatment with a chance set by the rate ratio and the exposures; the
 * Beta mixture over that chance is an e-value, exact from the first event on, and inverting it gives the rate ratio
 * (Lindon & Malek, Anytime-valid inference for multinomial count data, NeurIPS 2022, two categories).
 *
 * Counts are cumulative. The ratio of the exposures must be the same throughout, as it is in one phase of a trial.
 * Events of one unit must not come in bursts: count units with an event where they do.
 */
export function rareEventTest(
  control: EventCount,
  treatment: EventCount,
  { alpha, side = 'both', nullRatio = 1, prior = [1, 1], previousLogP = 0 }: RareEventOptions,
): Estimable<RareEventEvidence> {
  checkAlpha(alpha)
  checkPositive('nullRatio', nullRatio, 'give the rate ratio to test, 1 for "no difference"')
  for (const [i, each] of prior.entries()) checkPositive(`prior[${i}]`, each, 'give a shape above 0, as 1')
  const counts = [control.events, control.exposure, treatment.events, treatment.exposure]
  const detail = `${control.events} events over ${control.exposure}, ${treatment.events} over ${treatment.exposure}`
  if (!counts.every(Number.isFinite)) return notEstimable('non-finite', detail)
  if (!counts.every((each) => each >= 0) || ![control, treatment].every((c) => Number.isInteger(c.events))) {
    return notEstimable('not-applicable', `${detail}: events are counted in whole numbers`)
  }
  if (control.exposure === 0 || treatment.exposure === 0) {
    return notEstimable('no-data', `${detail}: an arm without exposure has no rate`)
  }
  const evidence = shareEvidence(treatment.events, control.events, prior, side)
  const odds = treatment.exposure / control.exposure
  const logEValue = evidence(...shares(Math.log(nullRatio) + Math.log(odds)))
  if (!Number.isFinite(logEValue) || !(odds > 0 && odds < Number.POSITIVE_INFINITY)) {
    return notEstimable('non-finite', `${detail}: the exposures have no ratio`)
  }
  const logP = Math.min(0, previousLogP, 0 - logEValue)
  const events = control.events + treatment.events
  const range = logOddsRange(
    treatment.events,
    control.events,
    (share, rest) => evidence(share, rest) + Math.log(alpha),
  )
  const lower = side === 'upper' ? Number.NEGATIVE_INFINITY : range.lower
  const upper = side === 'lower' ? Number.POSITIVE_INFINITY : range.upper
  const level = 1 - alpha
  return {
    events,
    rateRatio: events === 0 ? undefined : treatment.events / control.events / odds,
    interval: { level, lower: Math.exp(lower) / odds, upper: Math.exp(upper) / odds },
    treatmentShare: { level, lower: shareAt(lower), upper: shareAt(upper) },
    logEValue,
    pValue: Math.exp(logP),
    logP,
  }
}

/** A share given by its log odds, and 1 minus it. */
function shares(logOdds: number): [number, number] {
  return [shareAt(logOdds), shareAt(-logOdds)]
}

/**
 * ln E of x events in treatment and y in control against a share θ of treatment (`rest` is 1 − θ):
 * ln B(a+x, b+y) − ln B(a, b) − x ln θ − y ln(1−θ), by Stirling's formula written with deviances, which do not cancel
 * where counts are large. Of one side only the shares beyond θ are mixed over.
 */
function shareEvidence(
  x: number,
  y: number,
  [a, b]: readonly [number, number],
  side: Side,
): (share: number, rest: number) => number {
  const [A, B] = [a + x, b + y]
  const N = A + B
  const constant =
    0.5 * Math.log((2 * Math.PI * N) / A / B) +
    stirlingError(A) +
    stirlingError(B) -
    stirlingError(N) -
    logBeta(a, b)
  return (share, rest) => {
    if (x + y === 0) return 0
    const surplus = A * rest - B * share
    const both =
      deviance(A, N * share, surplus) +
      deviance(B, N * rest, -surplus) +
      a * Math.log(share) +
      b * Math.log(rest) +
      constant
    if (side === 'both') return both
    const tail = side === 'lower' ? 'logUpper' : 'logLower'
    return both + incompleteBeta(share, A, B, rest)[tail] - incompleteBeta(share, a, b, rest)[tail]
  }
}

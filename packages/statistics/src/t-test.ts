import { type Estimable, notEstimable } from './estimable.ts'
import type { Interval } from './interval.ts'
import { logTwoSidedTail, studentTQuantile } from './student-t.ts'

/** An estimate held against zero, with everything that follows from its standard error. */
export interface TTest {
  readonly standardError: number
  /** estimate / standardError. */
  readonly t: number
  /** Infinity when the normal distribution is used. */
  readonly degreesOfFreedom: number
  /** Two-sided, P(|T| ≥ |t|). May fall below the smallest double and read 0; {@link logP} never does. */
  readonly pValue: number
  /** ln of the two-sided p. */
  readonly logP: number
  /** One-sided: evidence that the estimate is above 0. */
  readonly pGreater: number
  /** One-sided: evidence that the estimate is below 0. */
  readonly pLess: number
  readonly interval: Interval
}

/** Student's t test of an estimate against zero. */
export function tTest(
  estimate: number,
  standardError: number,
  degreesOfFreedom: number,
  level: number,
): Estimable<TTest> {
  if (standardError === 0) {
    return notEstimable(
      'zero-variance',
      'no unit differs from another in its arm: the spread is unknown, not zero',
    )
  }
  const t = estimate / standardError
  const reach = -studentTQuantile((1 - level) / 2, degreesOfFreedom) * standardError
  if (!(Number.isFinite(t) && standardError > 0 && Number.isFinite(reach))) {
    return notEstimable(
      'non-finite',
      `estimate ${estimate} with standard error ${standardError} leaves the doubles`,
    )
  }
  const logP = Math.min(0, logTwoSidedTail(Math.abs(t), degreesOfFreedom))
  const pValue = Math.exp(logP)
  return {
    standardError,
    t,
    degreesOfFreedom,
    pValue,
    logP,
    pGreater: t > 0 ? pValue / 2 : 1 - pValue / 2,
    pLess: t > 0 ? 1 - pValue / 2 : pValue / 2,
    interval: { level, lower: estimate - reach, upper: estimate + reach },
  }
}

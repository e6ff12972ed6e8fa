import { type Estimable, notEstimable, type NotEstimable } from './estimable.ts'
import { type Interval, type LevelOptions, levelOf } from './interval.ts'
import { normalLogSf, normalQuantile, normalSf } from './normal.ts'

/** How many units did it, of how many. */
export interface Proportion {
  /** 0 ≤ successes ≤ n. */
  readonly successes: number
  readonly n: number
}

/** A proportion with Wilson's interval. */
export interface WilsonInterval extends Interval {
  /** successes / n. */
  readonly proportion: number
}

/**
 * Wilson's score interval of one proportion (E. B. Wilson, JASA 22, 1927): sound near 0 and 1 and at small n,
 * where p ± z·se leaves [0, 1] or shrinks to a point. With 0 successes the lower bound is exactly 0.
 */
export function wilson(proportion: Proportion, options?: LevelOptions): Estimable<WilsonInterval> {
  const level = levelOf(options)
  const problem = problemOf(proportion, 'the sample')
  if (problem) return problem
  return wilsonAt(proportion, level)
}

function wilsonAt({ successes, n }: Proportion, level: number): WilsonInterval {
  const z2 = normalQuantile((1 - level) / 2) ** 2
  const failures = n - successes
  // Both roots of Wilson's quadratic without a difference in them: the upper one plain, the lower one as the product of
  // the two over the upper.
  const larger = 2 * successes + z2 + Math.sqrt(z2) * Math.sqrt(z2 + 4 * successes * (failures / n))
  const lower = (2 * successes * (successes / n)) / larger
  const upper = failures === 0 ? 1 : larger / (2 * (n + z2))
  return { proportion: successes / n, level, lower, upper }
}

function problemOf({ successes, n }: Proportion, arm: string): NotEstimable | undefined {
  if (!(Number.isFinite(n) && Number.isFinite(successes))) {
    return notEstimable('non-finite', `${arm} has ${successes} successes of ${n}`)
  }
  if (n === 0 && successes === 0) return notEstimable('no-data', `${arm} has no units`)
  if (!(n > 0 && successes >= 0 && successes <= n)) {
    return notEstimable('not-applicable', `${arm} has ${successes} successes of ${n}`)
  }
  return undefined
}

/** The z test of equal proportions; p two-sided, and its halves by direction. */
export interface ZTest {
  readonly z: number
  readonly pValue: number
  /** ln of the two-sided p. */
  readonly logP: number
  readonly pGreater: number
  readonly pLess: number
}

/** Two proportions compared. */
export interface TwoProportionTest {
  /** treatment − control, in shares of 1. */
  readonly difference: number
  /** Unpooled: √(p_c(1 − p_c)/n_c + p_t(1 − p_t)/n_t). */
  readonly standardError: number
  /** Pooled z test of equality; not estimable when all units of both arms did the same. */
  readonly pooled: Estimable<ZTest>
  /** difference ± z·standardError. Collapses to a point when both proportions are 0 or 1: prefer `newcombe`. */
  readonly wald: Interval
  /** R. G. Newcombe's interval from two Wilson intervals (Statistics in Medicine 17, 1998, method 10). */
  readonly newcombe: Interval
}

/** Compares two proportions: pooled z for the p-value, Newcombe (or Wald) for the interval. */
export function twoProportions(
  control: Proportion,
  treatment: Proportion,
  options?: LevelOptions,
): Estimable<TwoProportionTest> {
  const level = levelOf(options)
  const problem = problemOf(control, 'control') ?? problemOf(treatment, 'treatment')
  if (problem) return problem
  const c = wilsonAt(control, level)
  const t = wilsonAt(treatment, level)
  const difference = t.proportion - c.proportion
  const standardError = Math.sqrt(varianceOf(control) + varianceOf(treatment))
  const reach = -normalQuantile((1 - level) / 2) * standardError
  return {
    difference,
    standardError,
    pooled: pooledTest(control, treatment, difference),
    wald: { level, lower: difference - reach, upper: difference + reach },
    newcombe: {
      level,
      lower: difference - Math.hypot(t.proportion - t.lower, c.upper - c.proportion),
      upper: difference + Math.hypot(t.upper - t.proportion, c.proportion - c.lower),
    },
  }
}

/** p (1 − p) / n, the two shares taken from counts so that neither is rounded first. */
function varianceOf({ successes, n }: Proportion): number {
  return ((successes / n) * ((n - successes) / n)) / n
}

function pooledTest(control: Proportion, treatment: Proportion, difference: number): Estimable<ZTest> {
  const n = control.n + treatment.n
  const successes = control.successes + treatment.successes
  if (successes === 0 || successes === n) {
    return notEstimable('zero-variance', `${successes} of ${n} units did it: nothing to compare`)
  }
  const share = successes / n
  const z = difference / Math.sqrt(share * ((n - successes) / n) * (1 / control.n + 1 / treatment.n))
  if (!Number.isFinite(z)) return notEstimable('non-finite', `z is ${z}: the counts leave the doubles`)
  const distance = Math.abs(z)
  return {
    z,
    pValue: 2 * normalSf(distance),
    logP: Math.min(0, Math.LN2 + normalLogSf(distance)),
    pGreater: normalSf(z),
    pLess: normalSf(-z),
  }
}

import { betaLogOdds, betaTails } from './beta.ts'
import type { Tails } from './special/incomplete-gamma.ts'

/** P(X ≤ x) of the F distribution; df1, df2 > 0, any real numbers. */
export function fCdf(x: number, df1: number, df2: number): number {
  return tailsAt(x, df1, df2).lower
}

/** P(X > x) of the F distribution; keeps its digits down to 1e-300. */
export function fSf(x: number, df1: number, df2: number): number {
  return tailsAt(x, df1, df2).upper
}

/** ln P(X > x), also where the probability itself is too small for a double. */
export function fLogSf(x: number, df1: number, df2: number): number {
  return tailsAt(x, df1, df2).logUpper
}

/**
 * The x with P(X ≤ x) = p, for p in [0, 1]; NaN outside. For an upper tail probability q write
 * `1 / fQuantile(q, df2, df1)`, which keeps the digits that 1 − q would lose.
 */
export function fQuantile(p: number, df1: number, df2: number): number {
  return (df2 / df1) * Math.exp(betaLogOdds(p, df1 / 2, df2 / 2))
}

/** df1 x / (df1 x + df2) is beta distributed (Abramowitz & Stegun 26.6.2). */
function tailsAt(x: number, df1: number, df2: number): Tails {
  const odds = (df1 / df2) * Math.max(0, x)
  const share = odds === Number.POSITIVE_INFINITY ? 1 : odds / (1 + odds)
  return betaTails(share, df1 / 2, df2 / 2, 1 / (1 + odds))
}

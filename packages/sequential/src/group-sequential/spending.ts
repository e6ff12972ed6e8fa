import { normalQuantile, normalSf } from '@fairtrial/statistics'

/**
 * How an error probability a is spent over the information fraction t. `shares` of `given` are cumulative shares of a
 * at its `fractions`, joined by straight lines from (0, 0): a plan of one's own that has an answer at any fraction.
 */
export type SpendingFunction =
  | { readonly type: 'lan-demets-obrien-fleming' }
  | { readonly type: 'lan-demets-pocock' }
  | { readonly type: 'kim-demets'; readonly power: number }
  | { readonly type: 'hwang-shih-decani'; readonly gamma: number }
  | { readonly type: 'given'; readonly fractions: readonly number[]; readonly shares: readonly number[] }

/**
 * How much of the error probability `error` (of one side) is spent at the information fraction; all of it from 1 on.
 *
 * O'Brien-Fleming type 2(1 − Φ(z_{a/2}/√t)) and Pocock type a ln(1 + (e − 1)t): Lan & DeMets, Biometrika 70 (1983).
 * Power family a t^power: Kim & DeMets, Biometrika 74 (1987). a (1 − e^(−γt))/(1 − e^(−γ)), a t at γ = 0: Hwang, Shih
 * & DeCani, Statistics in Medicine 9 (1990).
 *
 * @throws RangeError on a parameter that spends nothing meaningful
 */
export function spentError(spending: SpendingFunction, error: number, fraction: number): number {
  checkSpending(spending)
  if (!(error > 0 && error < 1)) throw new RangeError(`error is ${error}: give a probability between 0 and 1`)
  if (!(fraction >= 0))
    throw new RangeError(`fraction is ${fraction}: give an information fraction from 0 on`)
  const t = Math.min(1, fraction)
  if (t === 1) return error
  if (t === 0) return 0
  switch (spending.type) {
    case 'lan-demets-obrien-fleming':
      return 2 * normalSf(-normalQuantile(error / 2) / Math.sqrt(t))
    case 'lan-demets-pocock':
      return error * Math.log1p((Math.E - 1) * t)
    case 'kim-demets':
      return error * t ** spending.power
    case 'hwang-shih-decani': {
      const { gamma } = spending
      return error * (gamma === 0 ? t : Math.expm1(-gamma * t) / Math.expm1(-gamma))
    }
    case 'given':
      return error * interpolate(spending, t)
  }
}

function interpolate({ fractions, shares }: SpendingFunction & { type: 'given' }, t: number): number {
  const after = fractions.findIndex((fraction) => fraction >= t)
  const [left, below] = after === 0 ? [0, 0] : [fractions[after - 1]!, shares[after - 1]!]
  return below + ((shares[after]! - below) * (t - left)) / (fractions[after]! - left)
}

/** Throws on a spending function that is none. */
export function checkSpending(spending: SpendingFunction): void {
  switch (spending.type) {
    case 'lan-demets-obrien-fleming':
    case 'lan-demets-pocock':
      return
    case 'kim-demets':
      if (spending.power > 0 && spending.power <= 100) return
      throw new RangeError(
        `power is ${spending.power}: give a number above 0, at most 100; 2 spends late, 1 evenly`,
      )
    case 'hwang-shih-decani':
      if (Math.abs(spending.gamma) <= 100) return
      throw new RangeError(
        `gamma is ${spending.gamma}: give a number from -100 to 100; -4 spends late, 1 early`,
      )
    case 'given':
      checkGiven(spending)
      return
    default:
      throw new RangeError(
        `spending.type is ${JSON.stringify((spending as { type?: unknown }).type)}: give lan-demets-obrien-fleming, lan-demets-pocock, kim-demets, hwang-shih-decani or given`,
      )
  }
}

function checkGiven({ fractions, shares }: SpendingFunction & { type: 'given' }): void {
  if (fractions.length === 0 || fractions.length !== shares.length) {
    throw new RangeError(
      `${fractions.length} fractions and ${shares.length} shares: give one share, the cumulative one, to a fraction`,
    )
  }
  const isRising = fractions.every((fraction, i) => fraction > (i === 0 ? 0 : fractions[i - 1]!))
  if (!isRising || fractions.at(-1) !== 1) {
    throw new RangeError(`fractions are ${fractions.join(', ')}: they must rise from above 0 to 1`)
  }
  const isCumulative = shares.every((share, i) => share >= (i === 0 ? 0 : shares[i - 1]!))
  if (!isCumulative || shares.at(-1) !== 1) {
    throw new RangeError(`shares are ${shares.join(', ')}: cumulative, they must not fall and must end at 1`)
  }
}

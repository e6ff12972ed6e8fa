import { betaQuantile, betaUpperQuantile } from './beta.ts'
import { binomialLogPmf } from './binomial.ts'
import { type Estimable, notEstimable, type NotEstimable } from './estimable.ts'
import { type LevelOptions, levelOf } from './interval.ts'
import type { Proportion, WilsonInterval } from './proportions.ts'

/**
 * The exact interval of one proportion (C. Clopper & E. Pearson, Biometrika 26, 1934): never covers less than it says, and
 * mostly more. For rare harm, where Wilson's may fall short.
 */
export function clopperPearson(proportion: Proportion, options?: LevelOptions): Estimable<WilsonInterval> {
  const level = levelOf(options)
  const problem = problemOf(proportion, 'the sample')
  if (problem) return problem
  const { successes, n } = proportion
  const failures = n - successes
  const tail = (1 - level) / 2
  return {
    proportion: successes / n,
    level,
    lower: successes === 0 ? 0 : betaQuantile(tail, successes, failures + 1),
    upper: failures === 0 ? 1 : betaUpperQuantile(tail, successes + 1, failures),
  }
}

const MOST_TABLES = 10_000_000

/** Fisher's test: given how many did it in both arms together, how likely are shares as uneven? */
export interface FisherTest {
  /** Two-sided: tables at most as likely as this one. */
  readonly pValue: number
  /** One-sided: evidence that treatment has more successes. */
  readonly pGreater: number
  readonly pLess: number
}

/**
 * Fisher's exact test of two proportions (R. A. Fisher 1935). Sums all tables with these margins, so for up to ten million;
 * beyond, `twoProportions` is as good.
 */
export function fisherExact(control: Proportion, treatment: Proportion): Estimable<FisherTest> {
  const problem = problemOf(control, 'control') ?? problemOf(treatment, 'treatment')
  if (problem) return problem
  const successes = control.successes + treatment.successes
  const n = control.n + treatment.n
  if (successes === 0 || successes === n) {
    return notEstimable('zero-variance', `${successes} of ${n} units did it: nothing to compare`)
  }
  const fewest = Math.max(0, successes - control.n)
  const most = Math.min(successes, treatment.n)
  if (!(n <= Number.MAX_SAFE_INTEGER && most - fewest <= MOST_TABLES)) {
    return notEstimable('not-applicable', `${most - fewest} tables are too many to sum: take twoProportions`)
  }
  const share = successes / n
  const logTotal = binomialLogPmf(successes, n, share)
  const logChance = (k: number) =>
    binomialLogPmf(k, treatment.n, share) + binomialLogPmf(successes - k, control.n, share) - logTotal
  const own = logChance(treatment.successes)
  let [pValue, pGreater, pLess] = [0, 0, 0]
  for (let k = fewest; k <= most; k++) {
    const log = logChance(k)
    const chance = Math.exp(log)
    // Tables that are as likely up to rounding count as such, as in R.
    if (log <= own + 1e-7) pValue += chance
    if (k >= treatment.successes) pGreater += chance
    if (k <= treatment.successes) pLess += chance
  }
  return { pValue: Math.min(1, pValue), pGreater: Math.min(1, pGreater), pLess: Math.min(1, pLess) }
}

function problemOf({ successes, n }: Proportion, arm: string): NotEstimable | undefined {
  if (!(Number.isFinite(n) && Number.isFinite(successes))) {
    return notEstimable('non-finite', `${arm} has ${successes} successes of ${n}`)
  }
  if (n === 0 && successes === 0) return notEstimable('no-data', `${arm} has no units`)
  if (!(Number.isInteger(n) && Number.isInteger(successes) && successes >= 0 && successes <= n && n > 0)) {
    return notEstimable(
      'not-applicable',
      `${arm} has ${successes} successes of ${n}: exact tests count whole units`,
    )
  }
  return undefined
}

import { type Estimable, isEstimable, notEstimable } from './estimable.ts'
import { type Interval, type LevelOptions, levelOf } from './interval.ts'
import { momentsOf } from './moments.ts'
import { normalCdf, normalQuantile } from './normal.ts'
import { sampleQuantile } from './sample-quantile.ts'
import { welch } from './welch.ts'

/** A source of random numbers in [0, 1): seed it, so that the answer can be had again. */
export type RandomSource = () => number

/** Any number that compares two arms. */
export type TwoSampleStatistic = (control: readonly number[], treatment: readonly number[]) => number

// Left out one by one, the units of a large arm would take the square of their number.
const MOST_GROUPS = 500

/** How labels are shuffled. */
export interface PermutationOptions {
  readonly random: RandomSource
  /** 9,999 by default: with it the smallest p is 0.0001. */
  readonly permutations?: number
  /**
   * Welch's t by default, which keeps the level also where the arms differ in spread but not in mean (A. Janssen,
   * Statistics & Probability Letters 36, 1997).
   */
  readonly statistic?: TwoSampleStatistic
}

/** Randomization inference. */
export interface PermutationTest {
  /** The statistic of the labels as they are. */
  readonly statistic: number
  /** Two-sided, by the distance from 0. Counts the actual labels as one of the shuffles, so it is never 0. */
  readonly pValue: number
  readonly pGreater: number
  readonly pLess: number
  /** Monte-Carlo standard error of the two-sided p. */
  readonly pError: number
}

/**
 * Shuffles who was treated and counts how often chance does as much (R. A. Fisher 1935; B. Phipson & G. Smyth, Stat. Appl.
 * Genetics 9, 2010). Units must be what was randomized: shuffle users, not their page views; of clusters, give one
 * number each.
 */
export function permutationTest(
  control: readonly number[],
  treatment: readonly number[],
  options: PermutationOptions,
): Estimable<PermutationTest> {
  const problem = problemOf(control, treatment)
  if (problem) return problem
  const { random, permutations = 9999, statistic = studentised } = options
  if (!(Number.isInteger(permutations) && permutations > 0)) {
    throw new RangeError(`permutations is ${permutations}: give a whole number above 0`)
  }
  const actual = statistic(control, treatment)
  if (Number.isNaN(actual)) return notEstimable('non-finite', 'the statistic of the actual labels is NaN')
  const all = [...control, ...treatment]
  // A shuffle that gives the same value up to rounding did as much.
  const slack = 1e-12 * Math.abs(actual)
  let [greater, less, farther] = [1, 1, 1]
  for (let b = 0; b < permutations; b++) {
    // The first n of a half-done Fisher-Yates shuffle are a fair draw.
    for (let i = 0; i < control.length; i++) {
      const j = i + Math.floor(random() * (all.length - i))
      const held = all[i]!
      all[i] = all[j]!
      all[j] = held
    }
    const value = statistic(all.slice(0, control.length), all.slice(control.length))
    if (value >= actual - slack) greater++
    if (value <= actual + slack) less++
    if (Math.abs(value) >= Math.abs(actual) - slack) farther++
  }
  const total = permutations + 1
  const pValue = farther / total
  return {
    statistic: actual,
    pValue,
    pGreater: greater / total,
    pLess: less / total,
    pError: Math.sqrt((pValue * (1 - pValue)) / total),
  }
}

/** How arms are drawn again. */
export interface BootstrapOptions extends LevelOptions {
  readonly random: RandomSource
  /** 2,000 by default. */
  readonly resamples?: number
  /**
   * `bca`, the default: corrected for bias and skewness (B. Efron, JASA 82, 1987); takes the statistic once more for each
   * unit left out, or for each of 500 groups of a large arm. `percentile`: the quantiles as they come.
   */
  readonly method?: 'bca' | 'percentile'
}

/** A statistic with what resampling says of it. */
export interface BootstrapEstimate {
  readonly estimate: number
  readonly standardError: number
  /** Mean of the resamples − estimate. */
  readonly bias: number
  readonly interval: Interval
}

/** The bootstrap of any comparison of two arms, each drawn again with replacement from itself (B. Efron 1979). */
export function bootstrap(
  control: readonly number[],
  treatment: readonly number[],
  statistic: TwoSampleStatistic,
  options: BootstrapOptions,
): Estimable<BootstrapEstimate> {
  const level = levelOf(options)
  const problem = problemOf(control, treatment)
  if (problem) return problem
  if (control.length < 2 || treatment.length < 2) {
    return notEstimable('too-few-units', 'an arm has a single unit: drawn again it never varies')
  }
  const { random, resamples = 2000, method = 'bca' } = options
  if (!(Number.isInteger(resamples) && resamples > 1)) {
    throw new RangeError(`resamples is ${resamples}: give a whole number above 1`)
  }
  const estimate = statistic(control, treatment)
  const draw = (values: readonly number[]) => values.map(() => values[Math.floor(random() * values.length)]!)
  const values = Array.from({ length: resamples }, () => statistic(draw(control), draw(treatment)))
  if (![estimate, ...values].every(Number.isFinite)) {
    return notEstimable('non-finite', 'the statistic of some resample is not finite')
  }
  const { mean, m2 } = momentsOf(values)
  if (!Number.isFinite(m2))
    return notEstimable('non-finite', 'the spread of the resamples leaves the doubles')
  if (m2 === 0) return notEstimable('zero-variance', 'the statistic is the same for every resample')
  const sorted = Float64Array.from(values).sort()
  const tail = (1 - level) / 2
  const shares =
    method === 'bca'
      ? correctedShares(control, treatment, statistic, sorted, estimate, tail)
      : [tail, 1 - tail]
  const [lower, upper] = shares.map((share) => sampleQuantile(sorted, share))
  if (!lower || !upper || !isEstimable(lower) || !isEstimable(upper)) {
    return notEstimable('non-finite', 'the interval is not finite')
  }
  return {
    estimate,
    standardError: Math.sqrt(m2 / (resamples - 1)),
    bias: mean - estimate,
    interval: { level, lower: lower.quantile, upper: upper.quantile },
  }
}

/** Which quantiles of the resamples are the ends of the interval. */
function correctedShares(
  control: readonly number[],
  treatment: readonly number[],
  statistic: TwoSampleStatistic,
  sorted: Float64Array,
  estimate: number,
  tail: number,
): number[] {
  const below = sorted.filter((value) => value < estimate).length
  const equal = sorted.filter((value) => value === estimate).length
  const share = (below + equal / 2 + 0.5) / (sorted.length + 1)
  const shift = normalQuantile(share)
  let [cubes, squares] = [0, 0]
  for (const [arm, leave] of [
    [control, (rest: number[]) => statistic(rest, treatment)],
    [treatment, (rest: number[]) => statistic(control, rest)],
  ] as const) {
    const groups = Math.min(arm.length, MOST_GROUPS)
    const leftOut = Array.from({ length: groups }, (_, g) => leave(arm.filter((__, j) => j % groups !== g)))
    const mean = leftOut.reduce((sum, value) => sum + value / groups, 0)
    for (const value of leftOut) {
      const influence = ((groups - 1) * (mean - value)) / groups
      squares += influence ** 2
      cubes += influence ** 3
    }
  }
  const acceleration = squares > 0 ? cubes / (6 * squares ** 1.5) : 0
  return [tail, 1 - tail].map((at) => {
    const z = shift + normalQuantile(at)
    const stretch = 1 - acceleration * z
    return stretch > 0 ? normalCdf(shift + z / stretch) : at < 0.5 ? 0 : 1
  })
}

function studentised(control: readonly number[], treatment: readonly number[]): number {
  const test = welch(momentsOf(control), momentsOf(treatment))
  if (isEstimable(test)) return test.t
  const difference = momentsOf(treatment).mean - momentsOf(control).mean
  // Arms without any spread that differ lie as far apart as can be.
  return difference === 0 ? 0 : Math.sign(difference) * Number.MAX_VALUE
}

function problemOf(control: readonly number[], treatment: readonly number[]) {
  for (const [arm, values] of Object.entries({ control, treatment })) {
    if (values.length === 0) return notEstimable('no-data', `${arm} has no units`)
    if (!values.every(Number.isFinite))
      return notEstimable('non-finite', `${arm} has a value that is not finite`)
  }
  return undefined
}

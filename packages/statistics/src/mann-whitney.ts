import { satterthwaite } from './arm.ts'
import {
  type CountedSample,
  countedSample,
  joinCounts,
  placementsOf,
  tiesOf,
  type ValueCounts,
} from './counted-sample.ts'
import { type Estimable, type NotEstimable, notEstimable } from './estimable.ts'
import { type Interval, type LevelOptions, levelOf } from './interval.ts'
import { normalQuantile, normalSf } from './normal.ts'
import { differenceOfRank, middleDifference } from './ranked-differences.ts'
import { studentTQuantile } from './student-t.ts'

/** A p-value for "the arms do not differ", and its halves by direction. */
export interface RankTest {
  /** Two-sided. */
  readonly pValue: number
  /** One-sided: evidence that treatment tends to be larger. */
  readonly pGreater: number
  /** One-sided: evidence that treatment tends to be smaller. */
  readonly pLess: number
}

/** Two arms compared by ranks. */
export interface MannWhitneyTest {
  /** Pairs in which treatment is larger, ties counted by half. */
  readonly u: number
  /** (u − its mean) / its standard deviation, corrected for ties. */
  readonly z: number
  /** By the normal distribution. */
  readonly plain: RankTest
  /** By the normal distribution, with u half a pair nearer to its mean. */
  readonly continuous: RankTest
  /** By counting all orders; not estimable with ties, with more than 50 units in both arms, or 20,000 pairs. */
  readonly exact: Estimable<RankTest>
  /** P(T > C) + ½ P(T = C): the chance that a treated unit does better, the common-language effect size. */
  readonly probabilityOfSuperiority: number
  /**
   * Of that probability, from the spread of each unit's own (U. Munzel & E. Brunner, Biometrical Journal 42, 2000).
   * Holds also when the arms differ in spread, which the p-values do not.
   */
  readonly superiorityInterval: Estimable<Interval>
  /** Median of all differences treatment − control (J. Hodges & E. Lehmann, Annals of Math. Stat. 34, 1963). */
  readonly shift: number
  /** Of the shift, from the order of those differences; not estimable with too few units for the level. */
  readonly shiftInterval: Estimable<Interval>
}

const EXACT_UNITS = 50

/** The Mann-Whitney (Wilcoxon) test of two samples, corrected for ties, with what it estimates. */
export function mannWhitney(
  control: readonly number[],
  treatment: readonly number[],
  options?: LevelOptions,
): Estimable<MannWhitneyTest> {
  const level = levelOf(options)
  const strange = strangeness(control, 'control') ?? strangeness(treatment, 'treatment')
  return strange ?? compareByRanks(countedSample(control), countedSample(treatment), level)
}

/**
 * {@link mannWhitney} of samples that come as counts of values, in time and memory of the values: a day's worth of
 * rounds played by a million players is a few thousand of them. A count that is no whole number ≥ 0 throws.
 */
export function mannWhitneyOfCounts(
  control: ValueCounts,
  treatment: ValueCounts,
  options?: LevelOptions,
): Estimable<MannWhitneyTest> {
  const level = levelOf(options)
  for (const [value, count] of [...control, ...treatment]) {
    if (!(Number.isSafeInteger(count) && count >= 0)) {
      throw new RangeError(`the value ${value} is counted ${count} times: give whole numbers`)
    }
  }
  const c = control.filter(([, count]) => count > 0)
  const t = treatment.filter(([, count]) => count > 0)
  const strange = strangeness(valuesOf(c), 'control') ?? strangeness(valuesOf(t), 'treatment')
  return strange ?? compareByRanks(joinCounts(c), joinCounts(t), level)
}

function strangeness(values: readonly number[], arm: string): NotEstimable | undefined {
  if (values.length === 0) return notEstimable('no-data', `${arm} has no units`)
  if (values.every(Number.isFinite)) return undefined
  return notEstimable('non-finite', `${arm} has a value that is not finite`)
}

function compareByRanks(c: CountedSample, t: CountedSample, level: number): Estimable<MannWhitneyTest> {
  if (
    !Number.isFinite(t.values.at(-1)! - c.values[0]!) ||
    !Number.isFinite(t.values[0]! - c.values.at(-1)!)
  ) {
    return notEstimable('non-finite', 'the largest difference of two values leaves the doubles')
  }
  const pairs = c.n * t.n
  const placements = placementsOf(t, c)
  const u = placements.reduce((sum, each, i) => sum + each * t.counts[i]!, 0)
  const { tieSum, hasTies } = tiesOf(c, t)
  const n = c.n + t.n
  const variance = (pairs / 12) * (n + 1 - tieSum / (n * (n - 1)))
  if (!(variance > 0)) return notEstimable('zero-variance', 'all units have the same value: nothing to rank')
  const sd = Math.sqrt(variance)
  const above = u - pairs / 2
  const exact =
    hasTies || (c.n > EXACT_UNITS && t.n > EXACT_UNITS) || pairs > 20_000
      ? undefined
      : distributionOfU(c.n, t.n)
  return {
    u,
    z: above / sd,
    plain: normalTest(above / sd, above / sd, Math.abs(above) / sd),
    continuous: normalTest(
      (above - 0.5) / sd,
      (above + 0.5) / sd,
      (Math.abs(above) - Math.min(0.5, Math.abs(above))) / sd,
    ),
    exact: exact
      ? exactTest(exact, u)
      : notEstimable('not-applicable', 'ties, or many units: take the normal approximation'),
    probabilityOfSuperiority: u / pairs,
    superiorityInterval: superiorityInterval({ c, t }, placements, placementsOf(c, t), level),
    shift: middleDifference(c, t),
    shiftInterval: shiftInterval(c, t, level, sd, exact),
  }
}

function normalTest(zGreater: number, zLess: number, distance: number): RankTest {
  return {
    pValue: Math.min(1, 2 * normalSf(distance)),
    pGreater: normalSf(zGreater),
    pLess: normalSf(-zLess),
  }
}

/** P(U = 0), P(U = 1), … without ties: the product of (1 − x^(n+i)) / (1 − x^i), as probabilities. */
function distributionOfU(m: number, n: number): Float64Array {
  const p = new Float64Array(m * n + 1)
  p[0] = 1
  for (let i = 1; i <= m; i++) {
    for (let k = p.length - 1; k >= n + i; k--) p[k]! -= p[k - n - i]!
    for (let k = i; k < p.length; k++) p[k]! += p[k - i]!
    // Scaled at every step, the counts stay within the doubles.
    const scale = i / (n + i)
    for (let k = 0; k < p.length; k++) p[k]! *= scale
  }
  return p
}

function exactTest(p: Float64Array, u: number): RankTest {
  // By symmetry each tail is a sum from 0: nothing is taken from one.
  const upTo = (k: number) => {
    let sum = 0
    for (let i = 0; i <= k; i++) sum += p[i]!
    return Math.min(1, sum)
  }
  const pLess = upTo(u)
  const pGreater = upTo(p.length - 1 - u)
  return { pValue: Math.min(1, 2 * Math.min(pLess, pGreater)), pGreater, pLess }
}

function superiorityInterval(
  arms: { readonly c: CountedSample; readonly t: CountedSample },
  treatment: Float64Array,
  control: Float64Array,
  level: number,
): Estimable<Interval> {
  const [m, n] = [arms.c.n, arms.t.n]
  if (m < 2 || n < 2) return notEstimable('too-few-units', 'an arm has a single unit')
  const spread = (placements: Float64Array, sample: CountedSample, others: number) => {
    const mean = placements.reduce((sum, each, i) => sum + each * (sample.counts[i]! / sample.n), 0)
    const squares = placements.reduce((sum, each, i) => sum + sample.counts[i]! * (each - mean) ** 2, 0)
    const degreesOfFreedom = sample.n - 1
    const variance = squares / degreesOfFreedom / sample.n / others / others
    return { mean: mean / others, variance, degreesOfFreedom }
  }
  const t = spread(treatment, arms.t, m)
  const c = spread(control, arms.c, n)
  const variance = t.variance + c.variance
  if (variance === 0) {
    return notEstimable('zero-variance', 'the arms do not overlap: the spread of the probability is unknown')
  }
  const reach = -studentTQuantile((1 - level) / 2, satterthwaite(c, t)) * Math.sqrt(variance)
  return { level, lower: Math.max(0, t.mean - reach), upper: Math.min(1, t.mean + reach) }
}

function shiftInterval(
  control: CountedSample,
  treatment: CountedSample,
  level: number,
  sd: number,
  exact: Float64Array | undefined,
): Estimable<Interval> {
  const pairs = control.n * treatment.n
  const tail = (1 - level) / 2
  let rank = Math.round(pairs / 2 + normalQuantile(tail) * sd)
  if (exact) {
    rank = 0
    for (let sum = exact[0]!; sum <= tail; sum += exact[rank]!) rank++
  }
  if (rank < 1) {
    return notEstimable('too-few-units', `${pairs} pairs do not bound the shift at level ${level}`)
  }
  return {
    level,
    lower: differenceOfRank(control, treatment, rank),
    upper: differenceOfRank(control, treatment, pairs + 1 - rank),
  }
}

function valuesOf(sample: ValueCounts): number[] {
  return sample.map(([value]) => value)
}

import { satterthwaite } from './arm.ts'
import { type Estimable, notEstimable } from './estimable.ts'
import { type Interval, type LevelOptions, levelOf } from './interval.ts'
import { normalQuantile, normalSf } from './normal.ts'
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
  for (const [arm, values] of [
    ['control', control],
    ['treatment', treatment],
  ] as const) {
    if (values.length === 0) return notEstimable('no-data', `${arm} has no units`)
    if (!values.every(Number.isFinite))
      return notEstimable('non-finite', `${arm} has a value that is not finite`)
  }
  const c = Float64Array.from(control).sort()
  const t = Float64Array.from(treatment).sort()
  if (!Number.isFinite(t.at(-1)! - c[0]!) || !Number.isFinite(t[0]! - c.at(-1)!)) {
    return notEstimable('non-finite', 'the largest difference of two values leaves the doubles')
  }
  const pairs = c.length * t.length
  const placements = placementsOf(t, c)
  const u = placements.reduce((sum, each) => sum + each, 0)
  const { tieSum, hasTies } = tiesOf(Float64Array.from([...c, ...t]).sort())
  const n = c.length + t.length
  const variance = (pairs / 12) * (n + 1 - tieSum / (n * (n - 1)))
  if (!(variance > 0)) return notEstimable('zero-variance', 'all units have the same value: nothing to rank')
  const sd = Math.sqrt(variance)
  const above = u - pairs / 2
  const counts =
    hasTies || (c.length > EXACT_UNITS && t.length > EXACT_UNITS) || pairs > 20_000
      ? undefined
      : distributionOfU(c.length, t.length)
  return {
    u,
    z: above / sd,
    plain: normalTest(above / sd, above / sd, Math.abs(above) / sd),
    continuous: normalTest(
      (above - 0.5) / sd,
      (above + 0.5) / sd,
      (Math.abs(above) - Math.min(0.5, Math.abs(above))) / sd,
    ),
    exact: counts
      ? exactTest(counts, u)
      : notEstimable('not-applicable', 'ties, or many units: take the normal approximation'),
    probabilityOfSuperiority: u / pairs,
    superiorityInterval: superiorityInterval(placements, placementsOf(c, t), level),
    shift: middleDifference(c, t),
    shiftInterval: shiftInterval(c, t, level, sd, counts),
  }
}

function normalTest(zGreater: number, zLess: number, distance: number): RankTest {
  return {
    pValue: Math.min(1, 2 * normalSf(distance)),
    pGreater: normalSf(zGreater),
    pLess: normalSf(-zLess),
  }
}

/** For each value how many of `others` lie below it, ties by half; both sorted. */
function placementsOf(values: Float64Array, others: Float64Array): Float64Array {
  let below = 0
  let upTo = 0
  return values.map((value) => {
    while (below < others.length && others[below]! < value) below++
    while (upTo < others.length && others[upTo]! <= value) upTo++
    return (below + upTo) / 2
  })
}

/** Σ (t³ − t) over groups of t tied values. */
function tiesOf(sorted: Float64Array): { tieSum: number; hasTies: boolean } {
  let tieSum = 0
  for (let start = 0; start < sorted.length; ) {
    let end = start + 1
    while (end < sorted.length && sorted[end] === sorted[start]) end++
    const t = end - start
    tieSum += t * (t * t - 1)
    start = end
  }
  return { tieSum, hasTies: tieSum > 0 }
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
  treatment: Float64Array,
  control: Float64Array,
  level: number,
): Estimable<Interval> {
  const [m, n] = [control.length, treatment.length]
  if (m < 2 || n < 2) return notEstimable('too-few-units', 'an arm has a single unit')
  const spread = (placements: Float64Array, others: number) => {
    const mean = placements.reduce((sum, each) => sum + each / placements.length, 0)
    const squares = placements.reduce((sum, each) => sum + (each - mean) ** 2, 0)
    const degreesOfFreedom = placements.length - 1
    const variance = squares / degreesOfFreedom / placements.length / others / others
    return { mean: mean / others, variance, degreesOfFreedom }
  }
  const t = spread(treatment, m)
  const c = spread(control, n)
  const variance = t.variance + c.variance
  if (variance === 0) {
    return notEstimable('zero-variance', 'the arms do not overlap: the spread of the probability is unknown')
  }
  const reach = -studentTQuantile((1 - level) / 2, satterthwaite(c, t)) * Math.sqrt(variance)
  return { level, lower: Math.max(0, t.mean - reach), upper: Math.min(1, t.mean + reach) }
}

function middleDifference(control: Float64Array, treatment: Float64Array): number {
  const pairs = control.length * treatment.length
  const half = Math.floor(pairs / 2)
  const upper = differenceOfRank(control, treatment, half + 1)
  return pairs % 2 === 1 ? upper : between(differenceOfRank(control, treatment, half), upper)
}

function shiftInterval(
  control: Float64Array,
  treatment: Float64Array,
  level: number,
  sd: number,
  counts: Float64Array | undefined,
): Estimable<Interval> {
  const pairs = control.length * treatment.length
  const tail = (1 - level) / 2
  let rank = Math.round(pairs / 2 + normalQuantile(tail) * sd)
  if (counts) {
    rank = 0
    for (let sum = counts[0]!; sum <= tail; sum += counts[rank]!) rank++
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

/**
 * The rank-th smallest of all treatment − control, in time n log n and no memory: the bracket is halved by
 * counting pairs, and its upper end is always a difference that occurs.
 */
function differenceOfRank(control: Float64Array, treatment: Float64Array, rank: number): number {
  let low = treatment[0]! - control[control.length - 1]!
  let high = treatment[treatment.length - 1]! - control[0]!
  if (pairsUpTo(control, treatment, low).count >= rank) return low
  for (let i = 0; i < 1100; i++) {
    const middle = between(low, high)
    if (!(middle > low && middle < high)) break
    const { count, largest } = pairsUpTo(control, treatment, middle)
    if (count >= rank) high = largest
    else low = middle
  }
  return high
}

/** How many differences are at most x, and the largest of these. */
function pairsUpTo(
  control: Float64Array,
  treatment: Float64Array,
  x: number,
): { count: number; largest: number } {
  let count = 0
  let largest = Number.NEGATIVE_INFINITY
  // As treatment grows, so does the smallest control that brings the difference down to x.
  let from = 0
  for (const t of treatment) {
    while (from < control.length && t - control[from]! > x) from++
    if (from === control.length) break
    count += control.length - from
    largest = Math.max(largest, t - control[from]!)
  }
  return { count, largest }
}

/** The middle of two numbers, also where their sum leaves the doubles. */
function between(low: number, high: number): number {
  const sum = low + high
  return Number.isFinite(sum) ? sum / 2 : low / 2 + high / 2
}

import { chiSquareLogSf, chiSquareSf } from './chi-square.ts'
import { type Estimable, notEstimable } from './estimable.ts'
import { deviance } from './special/deviance.ts'

/** How counts are smoothed before their shares are compared. */
export interface BinnedDriftOptions {
  /**
   * Added to every bin of both samples. By default 0, and ½ when a bin that one sample has is empty in the other: an
   * empty bin makes the population stability index infinite.
   */
  readonly smoothing?: number
}

/** How far two distributions over the same bins lie apart. Natural logarithms unless the name says bits. */
export interface BinnedDrift {
  /** Population stability index, Σ (a − e) ln(a/e): by custom, 0.1 is little and 0.25 much. */
  readonly psi: number
  /** Jensen-Shannon: the divergence in [0, ln 2], in bits in [0, 1], and its root, which is a distance. */
  readonly jsDivergenceNat: number
  readonly jsDivergenceBits: number
  readonly jsDistanceNat: number
  /** Kullback-Leibler divergence of actual from expected, Σ a ln(a/e). */
  readonly klActualExpected: number
  /** In [0, 1]. */
  readonly hellinger: number
  /** Half of Σ |a − e|: the share of units that lie elsewhere. */
  readonly totalVariation: number
  /** Pearson's test that both samples come from one distribution; on the counts as they are. */
  readonly chiSquare: number
  readonly df: number
  readonly pValue: number
  readonly logP: number
  /** What was added to each bin for the measures above the test. */
  readonly smoothing: number
}

/** Compares two samples over the same bins, `expected` before and `actual` now. Bins that both lack are left out. */
export function binnedDrift(
  expected: readonly number[],
  actual: readonly number[],
  options?: BinnedDriftOptions,
): Estimable<BinnedDrift> {
  if (expected.length !== actual.length) {
    throw new RangeError(`${expected.length} and ${actual.length} bins: give both samples the same`)
  }
  if (![...expected, ...actual].every(Number.isFinite))
    return notEstimable('non-finite', 'a count is not finite')
  if ([...expected, ...actual].some((count) => count < 0)) {
    return notEstimable('not-applicable', 'a count is below 0')
  }
  const kept = Array.from(expected.keys()).filter((i) => expected[i]! + actual[i]! > 0)
  const before = kept.map((i) => expected[i]!)
  const now = kept.map((i) => actual[i]!)
  const [units, unitsNow] = [sumOf(before), sumOf(now)]
  if (!Number.isFinite(units + unitsNow)) return notEstimable('non-finite', 'the counts leave the doubles')
  if (units === 0 || unitsNow === 0) return notEstimable('no-data', 'a sample has no units')
  if (kept.length < 2) return notEstimable('zero-variance', 'all units of both samples lie in one bin')
  const smoothing = options?.smoothing ?? ([...before, ...now].includes(0) ? 0.5 : 0)
  if (!(smoothing >= 0)) throw new RangeError(`smoothing is ${smoothing}: give a number of units ≥ 0`)
  const shares = (counts: readonly number[], total: number) =>
    counts.map((count) => (count + smoothing) / (total + smoothing * counts.length))
  const e = shares(before, units)
  const a = shares(now, unitsNow)
  if (smoothing === 0 && [...e, ...a].includes(0)) {
    return notEstimable(
      'not-applicable',
      'a bin is empty in one sample: the index is infinite without smoothing',
    )
  }
  const over = (f: (a: number, e: number) => number) => sumOf(a.map((share, i) => f(share, e[i]!)))
  // Each x ln(x/m) is taken with m − x, which sums to nothing and keeps every term from cancelling.
  const js = over((x, y) => (deviance(x, (x + y) / 2) + deviance(y, (x + y) / 2)) / 2)
  const total = units + unitsNow
  const chiSquare = sumOf(
    before.map((count, i) => {
      const both = count + now[i]!
      const mean = both * (units / total)
      const gap = count - mean
      return gap * (gap / mean) + gap * (gap / (both - mean))
    }),
  )
  if (!Number.isFinite(chiSquare)) return notEstimable('non-finite', `chi-square is ${chiSquare}`)
  const df = kept.length - 1
  return {
    psi: over((x, y) => (x - y) * Math.log1p((x - y) / y)),
    jsDivergenceNat: js,
    jsDivergenceBits: js / Math.LN2,
    jsDistanceNat: Math.sqrt(js),
    klActualExpected: over((x, y) => deviance(x, y)),
    hellinger: Math.sqrt(over((x, y) => (Math.sqrt(x) - Math.sqrt(y)) ** 2) / 2),
    totalVariation: over((x, y) => Math.abs(x - y)) / 2,
    chiSquare,
    df,
    pValue: chiSquareSf(chiSquare, df),
    logP: chiSquareLogSf(chiSquare, df),
    smoothing,
  }
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

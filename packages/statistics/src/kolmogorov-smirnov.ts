import { binomialLogPmf } from './binomial.ts'
import { type Estimable, notEstimable } from './estimable.ts'
import { kolmogorovSf } from './kolmogorov.ts'
import { logGamma } from './special/log-gamma.ts'

/** Two samples of numbers compared as distributions. */
export interface KolmogorovSmirnovTest {
  /** The largest distance of the two distribution functions, in [0, 1]. */
  readonly distance: number
  /** Exact, by counting all orders (conservative with ties); not estimable beyond four million pairs. */
  readonly exact: Estimable<{ readonly pValue: number }>
  /** By the distribution of one sample of round(n m / (n + m)) values; not estimable of samples wholly apart. */
  readonly asymptotic: Estimable<{ readonly pValue: number }>
  /** By Kolmogorov's limit; the right one for large samples. */
  readonly pLimit: number
  /** Area between the two distribution functions (earth mover's distance), in units of the values. */
  readonly wasserstein: number
  /** √(2 ∫ (F − G)²) (G. Székely 2002). */
  readonly energy: number
}

const EXACT_PAIRS = 4_000_000
const MOST_EXACT = 100_000

/** The two-sample Kolmogorov-Smirnov test, for values without bins. */
export function kolmogorovSmirnov(
  before: readonly number[],
  now: readonly number[],
): Estimable<KolmogorovSmirnovTest> {
  const [n, m] = [before.length, now.length]
  if (n === 0 || m === 0) return notEstimable('no-data', 'a sample has no values')
  if (![...before, ...now].every(Number.isFinite)) return notEstimable('non-finite', 'a value is not finite')
  const a = Float64Array.from(before).sort()
  const b = Float64Array.from(now).sort()
  if (!Number.isFinite(Math.max(a[n - 1]!, b[m - 1]!) - Math.min(a[0]!, b[0]!))) {
    return notEstimable('non-finite', 'the range of the values leaves the doubles')
  }
  let [i, j, widest, wasserstein, energy] = [0, 0, 0, 0, 0]
  let last = Math.min(a[0]!, b[0]!)
  while (i < n || j < m) {
    const next = Math.min(a[i] ?? Number.POSITIVE_INFINITY, b[j] ?? Number.POSITIVE_INFINITY)
    const gap = Math.abs(i * m - j * n) / (n * m)
    wasserstein += gap * (next - last)
    energy += gap * gap * (next - last)
    while (i < n && a[i] === next) i++
    while (j < m && b[j] === next) j++
    // Whole numbers, so that ties with the boundary are counted as such.
    widest = Math.max(widest, Math.abs(i * m - j * n))
    last = next
  }
  const distance = widest / (n * m)
  const effective = (n * m) / (n + m)
  return {
    distance,
    exact:
      n * m <= EXACT_PAIRS
        ? { pValue: chanceOfReaching(widest, n, m) }
        : notEstimable('not-applicable', `${n} and ${m} values: take the limit`),
    asymptotic:
      distance < 1
        ? { pValue: oneSampleSf(distance, Math.max(1, Math.round(effective))) }
        : notEstimable(
            'not-applicable',
            'the samples do not overlap: one sample cannot lie so far from its source',
          ),
    pLimit: kolmogorovSf(Math.sqrt(effective) * distance),
    wasserstein,
    energy: Math.sqrt(2 * energy),
  }
}

/**
 * The chance that a random order of n and m values somewhere has |i m − j n| ≥ reach: a path to (i, j) came from (i − 1, j)
 * with chance i/(i + j). Only sums of positive numbers, so that a small chance keeps its digits.
 */
function chanceOfReaching(reach: number, n: number, m: number): number {
  const row = new Float64Array(m + 1)
  for (let i = 0; i <= n; i++) {
    for (let j = 0; j <= m; j++) {
      if (Math.abs(i * m - j * n) >= reach) row[j] = 1
      else if (i === 0) row[j] = j === 0 ? 0 : row[j - 1]!
      else row[j] = j === 0 ? row[0]! : (i * row[j]! + j * row[j - 1]!) / (i + j)
    }
  }
  return row[m]!
}

/**
 * P(D ≥ d) of one sample of n: J. Durbin's matrix (G. Marsaglia, W. W. Tsang & J. Wang, J. Stat. Software 8(18), 2003), and
 * in the tail twice the one-sided chance, which sums positive terms.
 */
function oneSampleSf(d: number, n: number): number {
  if (d <= 0.5 / n) return 1
  if (n > MOST_EXACT) return correctedLimit(d, n)
  const twice = Math.min(1, 2 * oneSidedSf(d, n))
  // Beyond here the chance of crossing on both sides is a share of e^(−6 n d²), below what 1 − P would lose.
  if (n * d * d > 4 || d >= 0.5) return twice
  if (n * d > 200) return correctedLimit(d, n)
  const k = Math.ceil(n * d)
  const size = 2 * k - 1
  const h = k - n * d
  const matrix = Array.from({ length: size }, (_, r) =>
    Array.from({ length: size }, (_, c) => (r - c + 1 < 0 ? 0 : 1)),
  ) as number[][]
  for (let r = 0; r < size; r++) {
    matrix[r]![0]! -= h ** (r + 1)
    matrix[size - 1]![r]! -= h ** (size - r)
  }
  matrix[size - 1]![0]! += 2 * h - 1 > 0 ? (2 * h - 1) ** size : 0
  for (let r = 0; r < size; r++) {
    for (let c = 0; c < size; c++) {
      if (r - c + 1 > 0) matrix[r]![c]! /= Math.exp(logGamma(r - c + 2))
    }
  }
  const { power, exponent } = matrixPower(matrix, n)
  const logCdf = Math.log(power[k - 1]![k - 1]!) + exponent + logGamma(n + 1) - n * Math.log(n)
  return Math.min(1, Math.max(0, -Math.expm1(logCdf)))
}

/** Kolmogorov's limit with the first terms in 1/√n and 1/n (J. Vrbik, Pioneer J. Theoretical and Applied Stat. 15, 2018). */
function correctedLimit(d: number, n: number): number {
  const x = Math.sqrt(n) * d
  return kolmogorovSf(x + 1 / (6 * Math.sqrt(n)) + (x - 1) / (4 * n))
}

/** P(D⁺ ≥ d): Z. Birnbaum & F. Tingey, Annals of Mathematical Statistics 22 (1951). */
function oneSidedSf(d: number, n: number): number {
  let sum = 0
  for (let j = 0; j <= Math.floor(n * (1 - d)); j++) {
    const share = d + j / n
    if (share >= 1) continue
    sum += Math.exp(binomialLogPmf(j, n, share)) / share
  }
  return Math.min(1, d * sum)
}

/** The matrix to the n, with e^exponent taken out so that it stays within the doubles. */
function matrixPower(matrix: number[][], n: number): { power: number[][]; exponent: number } {
  if (n === 1) return { power: matrix, exponent: 0 }
  const half = matrixPower(matrix, Math.floor(n / 2))
  let power = product(half.power, half.power)
  if (n % 2 === 1) power = product(power, matrix)
  const middle = power[Math.floor(power.length / 2)]![Math.floor(power.length / 2)]!
  return {
    power: power.map((row) => row.map((each) => each / middle)),
    exponent: 2 * half.exponent + Math.log(middle),
  }
}

function product(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number[][] {
  return a.map((row) => b.map((_, c) => row.reduce((sum, each, k) => sum + each * b[k]![c]!, 0)))
}

import { type Tails, tailsFromLog } from './special/incomplete-gamma.ts'
import { solveDecreasing } from './special/solve.ts'

// Both series below need three or four terms here, and neither loses a digit on its side.
const CROSSOVER = 1

/** P(K ≤ x) of Kolmogorov's distribution, the limit of √n times the largest distance of two distribution functions. */
export function kolmogorovCdf(x: number): number {
  return tailsAt(x).lower
}

/** P(K > x) of Kolmogorov's distribution; keeps its digits down to 1e-300. */
export function kolmogorovSf(x: number): number {
  return tailsAt(x).upper
}

/** ln P(K > x), also where the probability itself is too small for a double. */
export function kolmogorovLogSf(x: number): number {
  return tailsAt(x).logUpper
}

/** The x with P(K ≤ x) = p, for p in [0, 1]; NaN outside. */
export function kolmogorovQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN
  if (p === 0) return 0
  if (p === 1) return Number.POSITIVE_INFINITY
  const isLower = p <= 0.5
  const target = isLower ? Math.log(p) : Math.log1p(-p)
  const start = isLower ? Math.PI / Math.sqrt(8 * (1 - target)) : Math.sqrt((Math.LN2 - target) / 2)
  // In ln x (upper tail) or −ln x (lower tail) the log tail is concave and decreasing.
  const sign = isLower ? -1 : 1
  const w = solveDecreasing((at) => {
    const x = Math.exp(sign * at)
    const tails = tailsAt(x)
    const logTail = isLower ? tails.logLower : tails.logUpper
    return { value: logTail - target, slope: -Math.exp(logDensity(x) - logTail) * x }
  }, sign * Math.log(start))
  return Math.exp(sign * w)
}

/** N. Smirnov, Annals of Mathematical Statistics 19 (1948): one series that is quick above 1, and its dual below. */
function tailsAt(x: number): Tails {
  if (Number.isNaN(x)) return tailsFromLog(Number.NaN, true)
  if (x <= 0) return tailsFromLog(Number.NEGATIVE_INFINITY, true)
  if (x >= CROSSOVER) {
    let sum = 0
    for (let k = 2; k <= 6; k++) sum += (k % 2 === 0 ? -1 : 1) * Math.exp(-2 * (k * k - 1) * x * x)
    return tailsFromLog(Math.LN2 - 2 * x * x + Math.log1p(sum), false)
  }
  const c = Math.PI ** 2 / (8 * x * x)
  let sum = 0
  for (let k = 3; k <= 9; k += 2) sum += Math.exp(-(k * k - 1) * c)
  return tailsFromLog(0.5 * Math.log(2 * Math.PI) - Math.log(x) - c + Math.log1p(sum), true)
}

/** ln of the density, from the same two series term by term. */
function logDensity(x: number): number {
  if (x >= CROSSOVER) {
    let sum = 1
    for (let k = 2; k <= 6; k++) sum += (k % 2 === 0 ? -1 : 1) * k * k * Math.exp(-2 * (k * k - 1) * x * x)
    return Math.log(8 * x * sum) - 2 * x * x
  }
  const c = Math.PI ** 2 / (8 * x * x)
  let sum = 0
  for (let k = 1; k <= 9; k += 2) sum += (2 * k * k * c - 1) * Math.exp(-(k * k - 1) * c)
  return 0.5 * Math.log(2 * Math.PI) - 2 * Math.log(x) - c + Math.log(sum)
}

import { type Estimable, notEstimable } from './estimable.ts'
import type { Moments } from './moments.ts'
import { exactProduct } from './special/exact-product.ts'

/** Raw sums, as warehouses send them. Turn them into moments at the door and never carry them further. */
export interface Sums {
  /** How many numbers, a whole number ≥ 0. */
  readonly n: number
  readonly sum: number
  readonly sumSquares: number
}

/**
 * The moments that raw sums describe. The subtraction Σx² − (Σx)²/n is done in twice the precision of a double,
 * so the answer is right for the sums *as given*; what their own rounding has already lost stays lost, see
 * {@link cancellationFactor}.
 */
export function momentsFromSums(sums: Sums): Estimable<Moments> {
  const { n, sum, sumSquares } = sums
  if (n === 0 && sum === 0 && sumSquares === 0) return { n: 0, mean: 0, m2: 0 }
  if (!(Number.isFinite(n) && Number.isFinite(sum) && Number.isFinite(sumSquares))) {
    return notEstimable('non-finite', `n = ${n}, sum = ${sum}, sumSquares = ${sumSquares} are not all finite`)
  }
  if (!(n > 0)) return notEstimable('not-applicable', `n = ${n} values cannot have the sum ${sum}`)
  const m2 = centredSquares(n, sum, sumSquares)
  if (Number.isNaN(m2)) return notEstimable('non-finite', `the square of the sum ${sum} leaves the doubles`)
  // What is left is the rounding of the sums themselves: the values are constant as far as these can say.
  const rounding = Number.EPSILON * sumSquares
  if (n === 1 || Math.abs(m2) <= 2 * rounding) return { n, mean: sum / n, m2: 0 }
  // A long sum may have lost more; beyond that the three numbers contradict each other.
  if (m2 < -4 * n * rounding) {
    return notEstimable(
      'not-applicable',
      `sumSquares = ${sumSquares} is less than sum²/n = ${(sum / n) * sum}`,
    )
  }
  return { n, mean: sum / n, m2: Math.max(0, m2) }
}

/**
 * How many times larger Σx² is than what is left after the mean is taken out. The variance from raw sums is
 * uncertain by this factor times 2.2e-16; above 1e10 send centred moments instead. Infinity for a constant.
 */
export function cancellationFactor(sums: Sums): number {
  return sums.sumSquares / Math.max(0, centredSquares(sums.n, sums.sum, sums.sumSquares))
}

/** (n Σx² − (Σx)²) / n with both products exact, after scaling the sum to about 1. */
function centredSquares(n: number, sum: number, sumSquares: number): number {
  if (sum === 0) return sumSquares
  const scale = 2 ** Math.floor(Math.log2(Math.abs(sum)))
  const [high, low] = exactProduct(sumSquares / scale / scale, n)
  const [squareHigh, squareLow] = exactProduct(sum / scale, sum / scale)
  return ((high - squareHigh + (low - squareLow)) / n) * scale * scale
}

import { type Estimable, type Interval, notEstimable } from '@fairtrial/statistics'
import { mixtureBound } from './sum-mixture.ts'
import { checkAlpha, checkRho, type TwoSidedSequence } from './tuning.ts'

/** A mean of values between two known ends, folded one value at a time; plain data. */
export interface BoundedMean {
  /** The least and the largest value there can be: known before the data, never read from them. */
  readonly least: number
  readonly largest: number
  readonly n: number
  readonly mean: number
  /** Sum of squared distances of each value from what was predicted for it: the intrinsic time. */
  readonly intrinsicTime: number
}

/** A bounded mean with the interval that is valid after this value and after every other. */
export interface AnytimeBoundedMean {
  readonly n: number
  readonly mean: number
  readonly interval: Interval
}

/** The mean of no values between two ends. */
export function emptyBoundedMean(least: number, largest: number): BoundedMean {
  if (!(Number.isFinite(largest - least) && largest > least)) {
    throw new RangeError(`values from ${least} to ${largest}: give two finite ends, the smaller first`)
  }
  return { least, largest, n: 0, mean: 0, intrinsicTime: 0 }
}

/** The mean with one more value, which was predicted by the mean so far and the middle of the range, as if seen once. */
export function addBoundedValue(state: BoundedMean, value: number): BoundedMean {
  const { least, largest, n, mean } = state
  if (value < least || value > largest) {
    throw new RangeError(
      `a value is ${value}, outside ${least} to ${largest}: widen the ends, before the data`,
    )
  }
  const predicted = mean + (least + (largest - least) / 2 - mean) / (n + 1)
  return {
    ...state,
    n: n + 1,
    mean: mean + (value - mean) / (n + 1),
    intrinsicTime: state.intrinsicTime + (value - predicted) ** 2,
  }
}

/**
 * The confidence sequence of a bounded mean: exact at every n whatever the distribution, and as narrow as its spread
 * allows (the empirical-Bernstein boundary of Howard, Ramdas, McAuliffe & Sekhon, Annals of Statistics 49, 2021,
 * theorem 4, by the gamma-exponential mixture). `rho` is in squared units of the values:
 * `explicitTuning({ alpha, tunedAt: n * variance })` with a guess of the variance.
 */
export function anytimeBoundedMean(
  { least, largest, n, mean, intrinsicTime }: BoundedMean,
  { rho, alpha }: TwoSidedSequence,
): Estimable<AnytimeBoundedMean> {
  checkRho(rho)
  checkAlpha(alpha)
  if (n === 0) return notEstimable('no-data', 'there are no values')
  if (!(Number.isFinite(mean) && intrinsicTime <= 1e150)) {
    return notEstimable('non-finite', `the mean is ${mean} at intrinsic time ${intrinsicTime}`)
  }
  const scale = largest - least
  const reach = mixtureBound(intrinsicTime, { type: 'gamma-exponential', rho, scale }, alpha / 2) / n
  return {
    n,
    mean,
    interval: {
      level: 1 - alpha,
      lower: Math.max(least, mean - reach),
      upper: Math.min(largest, mean + reach),
    },
  }
}

import { normalQuantile } from '../normal.ts'
import { studentTQuantile } from '../student-t.ts'
import {
  controlSizeOf,
  type DecidedDesign,
  decide,
  leastReaching,
  type NormalTest,
  powerOf,
  type SampleSize,
  sizesOf,
  type TestDesign,
} from './design.ts'
import { noncentralTSf } from './noncentral-t.ts'

/** The spread of the units, known from before. For a ratio metric take `ratioVariance`; after CUPED, (1 − ρ²) of it. */
export interface UnitSpread {
  /** Variance over units in control, > 0. */
  readonly variance: number
  /** In treatment; the same by default. */
  readonly treatmentVariance?: number
  /**
   * `normal`, the default, takes the spread as known; `t` plans for its estimate (noncentral t): a unit or two more an
   * arm.
   */
  readonly distribution?: 'normal' | 't'
}

/** A difference of means that a plan is made for. */
export interface PlannedDifference extends UnitSpread {
  /** treatment − control, as it is hoped for or feared; absolute. */
  readonly difference: number
  /** What the test holds against; 0 by default, minus the margin for non-inferiority (where larger is better). */
  readonly nullDifference?: number
}

/** Power to find a planned difference with so many units an arm; the allocation ratio is that of the sizes. */
export function meanPower(
  planned: PlannedDifference,
  sizes: { readonly control: number; readonly treatment: number },
  design?: Omit<TestDesign, 'power' | 'allocationRatio'>,
): number {
  const ratio = sizes.treatment / sizes.control
  return powerAt(planned, sizes.control, decide({ ...design, allocationRatio: ratio }))
}

/** Units for a planned difference. */
export function meanSampleSize(planned: PlannedDifference, design?: TestDesign): SampleSize {
  const decided = decide(design)
  const normal = controlSizeOf(normalTestOf(planned, decided.ratio), decided)
  if (planned.distribution !== 't') return sizesOf(normal, decided.ratio)
  const needed = leastReaching((n) => powerAt(planned, n, decided), decided.power, Math.max(2, normal))
  return sizesOf(needed, decided.ratio)
}

/** The smallest difference from the null that so many units find with the power asked for; absolute, > 0. */
export function meanDetectableDifference(
  spread: UnitSpread,
  sizes: { readonly control: number; readonly treatment: number },
  design?: Omit<TestDesign, 'allocationRatio'>,
): number {
  const decided = decide({ ...design, allocationRatio: sizes.treatment / sizes.control })
  const { spread: sd } = normalTestOf({ ...spread, difference: 1 }, decided.ratio)
  const closed = (-normalQuantile(decided.tail) + normalQuantile(decided.power)) * sd
  const guess = Math.max(closed, 1e-3 * sd) * Math.sqrt(decided.inflation / sizes.control)
  return leastReaching(
    (difference) => powerAt({ ...spread, difference }, sizes.control, decided),
    decided.power,
    guess,
  )
}

/** One point of a power curve. */
export interface PowerPoint extends SampleSize {
  /** To find the planned difference. */
  readonly power: number
  /** What would be found with the power asked for. */
  readonly detectableDifference: number
}

/** Power and detectable difference along sizes of control: the curve behind a plan. */
export function meanPowerCurve(
  planned: PlannedDifference,
  controlSizes: readonly number[],
  design?: TestDesign,
): PowerPoint[] {
  const decided = decide(design)
  return controlSizes.map((control) => {
    const sizes = sizesOf(control, decided.ratio)
    return {
      ...sizes,
      power: powerAt(planned, control, decided),
      detectableDifference: meanDetectableDifference(planned, sizes, design),
    }
  })
}

/** A ratio metric's numbers over units. */
export interface RatioSpread {
  readonly meanNumerator: number
  readonly meanDenominator: number
  readonly varianceNumerator: number
  readonly varianceDenominator: number
  readonly covariance: number
}

/** A ratio metric as a mean over units: its value, and the unit variance to plan with (delta method). */
export function ratioVariance(spread: RatioSpread): { readonly ratio: number; readonly variance: number } {
  const { meanNumerator, meanDenominator, varianceNumerator, varianceDenominator, covariance } = spread
  const ratio = meanNumerator / meanDenominator
  const variance = varianceNumerator - 2 * ratio * covariance + ratio * ratio * varianceDenominator
  return { ratio, variance: variance / meanDenominator ** 2 }
}

/**
 * How much more units an experiment needs when clusters of them are randomized: 1 + ((1 + cv²) m − 1) ρ for clusters of
 * mean size m, coefficient of variation cv of the sizes, and intra-cluster correlation ρ (S. Eldridge, D. Ashby & S.
 * Kerry, Int. J. Epidemiology 35, 2006).
 */
export function designEffect(meanSize: number, correlation: number, sizeVariation = 0): number {
  return 1 + ((1 + sizeVariation ** 2) * meanSize - 1) * correlation
}

function normalTestOf(planned: PlannedDifference, ratio: number): NormalTest {
  const { variance, treatmentVariance = variance, difference, nullDifference = 0 } = planned
  if (!(variance > 0 && treatmentVariance > 0 && Number.isFinite(variance + treatmentVariance))) {
    throw new RangeError(`variances are ${variance} and ${treatmentVariance}: give numbers above 0`)
  }
  const distance = difference - nullDifference
  if (distance === 0 || !Number.isFinite(distance)) {
    throw new RangeError(`difference ${difference} against ${nullDifference}: no sample tells them apart`)
  }
  const spread = Math.sqrt(variance + treatmentVariance / ratio)
  return { distance, nullSpread: spread, spread }
}

function powerAt(planned: PlannedDifference, control: number, design: DecidedDesign): number {
  const test = normalTestOf(planned, design.ratio)
  if (planned.distribution !== 't') return powerOf(test, control, design)
  const n = control / design.inflation
  const { variance, treatmentVariance = variance } = planned
  const df =
    treatmentVariance === variance
      ? n * (1 + design.ratio) - 2
      : (variance + treatmentVariance / design.ratio) ** 2 /
        (variance ** 2 / (n - 1) + (treatmentVariance / design.ratio) ** 2 / (n * design.ratio - 1))
  if (!(df > 0)) return 0
  const shift = (Math.abs(test.distance) * Math.sqrt(n)) / test.spread
  const threshold = -studentTQuantile(design.tail, df)
  const near = noncentralTSf(threshold, df, shift)
  return design.countsFarTail ? near + noncentralTSf(threshold, df, -shift) : near
}

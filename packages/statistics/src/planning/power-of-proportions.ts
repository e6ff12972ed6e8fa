import {
  leastReaching,
  controlSizeOf,
  decide,
  type NormalTest,
  powerOf,
  type SampleSize,
  sizesOf,
  type TestDesign,
} from './design.ts'

/**
 * How the variance under the null enters.
 *
 * - `pooled`, the default: the planned test has equal rates under the null, as R's `power.prop.test`.
 * - `unpooled`: both arms' own rates throughout; about 1 % fewer units at usual rates.
 * - `arcsine`: on the scale 2 asin √p, where the variance is 1 everywhere (J. Cohen 1988).
 * - `restricted`: the likeliest rates that differ by the null difference, for margins (C. Farrington & G. Manning,
 *   Statistics in Medicine 9, 1990). With a null difference of 0 it is `pooled`.
 */
export type ProportionMethod = 'pooled' | 'unpooled' | 'arcsine' | 'restricted'

/** Two rates that a plan is made for. */
export interface PlannedProportions {
  /** In (0, 1). */
  readonly control: number
  readonly treatment: number
  /** treatment − control that the test holds against; 0 by default. Other than 0: `restricted` or `unpooled`. */
  readonly nullDifference?: number
  readonly method?: ProportionMethod
}

/** Power to tell two rates apart with so many units an arm. */
export function proportionPower(
  planned: PlannedProportions,
  sizes: { readonly control: number; readonly treatment: number },
  design?: Omit<TestDesign, 'power' | 'allocationRatio'>,
): number {
  const decided = decide({ ...design, allocationRatio: sizes.treatment / sizes.control })
  return powerOf(testOf(planned, decided.ratio), sizes.control, decided)
}

/** Units for two planned rates. */
export function proportionSampleSize(planned: PlannedProportions, design?: TestDesign): SampleSize {
  const decided = decide(design)
  return sizesOf(controlSizeOf(testOf(planned, decided.ratio), decided), decided.ratio)
}

/**
 * The smallest rise of a rate (`direction` 1) or fall (−1) that so many units find with the power asked for; undefined
 * when not even a rate of 1, or 0, would be found.
 */
export function proportionDetectableDifference(
  control: number,
  sizes: { readonly control: number; readonly treatment: number },
  design?: Omit<TestDesign, 'allocationRatio'>,
  options?: { readonly direction?: 1 | -1; readonly method?: ProportionMethod },
): number | undefined {
  const { direction = 1, method = 'pooled' } = options ?? {}
  const decided = decide({ ...design, allocationRatio: sizes.treatment / sizes.control })
  const room = direction === 1 ? 1 - control : control
  const power = (distance: number) => {
    const treatment = control + direction * Math.min(distance, room * (1 - 1e-12))
    return powerOf(testOf({ control, treatment, method }, decided.ratio), sizes.control, decided)
  }
  // Near the end of the room the spread shrinks, so that a power below one half may fall again: take the first rise.
  const steps = Array.from({ length: 256 }, (_, i) => (room * (i + 1)) / 256)
  const reaching = steps.find((distance) => power(distance) >= decided.power)
  return reaching === undefined ? undefined : direction * leastReaching(power, decided.power, reaching)
}

/** One point of a power curve of rates. */
export interface ProportionPowerPoint extends SampleSize {
  /** To tell the planned rates apart. */
  readonly power: number
  /** treatment − control that would be found, in the planned direction; undefined where no rate would. */
  readonly detectableDifference: number | undefined
}

/** Power and detectable difference along sizes of control. A difference is detected from equality: give no null one. */
export function proportionPowerCurve(
  planned: Omit<PlannedProportions, 'nullDifference'>,
  controlSizes: readonly number[],
  design?: TestDesign,
): ProportionPowerPoint[] {
  const decided = decide(design)
  const test = testOf(planned, decided.ratio)
  const { control: rate, treatment, method = 'pooled' } = planned
  const direction = treatment > rate ? 1 : -1
  return controlSizes.map((control) => {
    const sizes = sizesOf(control, decided.ratio)
    return {
      ...sizes,
      power: powerOf(test, control, decided),
      detectableDifference: proportionDetectableDifference(rate, sizes, design, { direction, method }),
    }
  })
}

/** Cohen's h, the distance of two rates on the arcsine scale. */
export function cohenH(control: number, treatment: number): number {
  return 2 * (Math.asin(Math.sqrt(treatment)) - Math.asin(Math.sqrt(control)))
}

function testOf(planned: PlannedProportions, ratio: number): NormalTest {
  const { control: c, treatment: t, nullDifference = 0, method = 'pooled' } = planned
  if (!(c > 0 && c < 1 && t > 0 && t < 1)) {
    throw new RangeError(`the rates are ${c} and ${t}: give numbers between 0 and 1`)
  }
  const distance = t - c - nullDifference
  if (distance === 0 || !Number.isFinite(distance)) {
    throw new RangeError(
      `rates ${c} and ${t} against a difference of ${nullDifference}: no sample tells them apart`,
    )
  }
  const spread = Math.sqrt(c * (1 - c) + (t * (1 - t)) / ratio)
  if (method === 'unpooled') return { distance, nullSpread: spread, spread }
  if (method === 'arcsine' || method === 'pooled') {
    if (nullDifference !== 0) {
      throw new RangeError(`${method} tests equality, not a difference of ${nullDifference}: use restricted`)
    }
    if (method === 'arcsine') {
      const unit = Math.sqrt(1 + 1 / ratio)
      return { distance: cohenH(c, t), nullSpread: unit, spread: unit }
    }
  }
  const [c0, t0] = nullRates(c, t, nullDifference, ratio)
  return { distance, nullSpread: Math.sqrt(c0 * (1 - c0) + (t0 * (1 - t0)) / ratio), spread }
}

/** The likeliest rates with treatment − control = difference, given the expected shares: the root of a cubic. */
function nullRates(c: number, t: number, difference: number, ratio: number): readonly [number, number] {
  if (difference === 0) {
    const pooled = (c + ratio * t) / (1 + ratio)
    return [pooled, pooled]
  }
  const s = -difference
  const a = 1 + ratio
  const b = -(1 + ratio + c + ratio * t + s * (ratio + 2))
  const linear = s * s + s * (2 * c + ratio + 1) + c + ratio * t
  const d = -c * s * (1 + s)
  const v = b ** 3 / (27 * a ** 3) - (b * linear) / (6 * a * a) + d / (2 * a)
  const u = (v < 0 ? -1 : 1) * Math.sqrt(Math.max(0, (b * b) / (9 * a * a) - linear / (3 * a)))
  const angle = u === 0 ? 0 : (Math.PI + Math.acos(Math.min(1, Math.max(-1, v / u ** 3)))) / 3
  const rate = 2 * u * Math.cos(angle) - b / (3 * a)
  const control = Math.min(1, Math.max(0, rate))
  return [control, Math.min(1, Math.max(0, control + difference))]
}

import {
  meanDetectableDifference,
  meanPower,
  meanSampleSize,
  proportionDetectableDifference,
  type ProportionMethod,
  proportionPower,
  proportionSampleSize,
  type TestDesign,
} from '@fairtrial/statistics'

/** What is known of a metric before the trial. */
export type PlannedMetric =
  | { readonly type: 'proportion'; readonly baseline: number; readonly method: 'pooled' | 'unpooled' }
  | {
      readonly type: 'mean' | 'ratio' | 'count'
      /** Its value in control; undefined where nothing is told relative to it. */
      readonly baseline: number | undefined
      readonly variance: number
      readonly treatmentVariance: number
    }

/** The effect in question, absolute: treatment − control. */
export interface PlannedEffect {
  /** Which way is better, or is looked for. */
  readonly direction: 1 | -1
  /** What is planned for; undefined where it is asked for. */
  readonly difference: number | undefined
  /** Of a non-inferiority test: the harm that is to be ruled out, > 0. */
  readonly margin: number | undefined
}

/** A test at one look, by units in control. */
export interface OneLook {
  /** Units in control for a power; not rounded. */
  readonly sizeFor: (power: number) => number
  readonly powerWith: (control: number) => number
  /**
   * The difference, or for a non-inferiority test the margin, that is found with a power; undefined where none can be
   * found.
   */
  readonly detectableWith: (control: number, power: number) => number | undefined
}

/**
 * The test of a metric's effect between control and one treatment. Units and effects are those of the closed formulas,
 * for which only the tail in the effect's direction counts: 2e-6 more units at a power of 80 %. `farTail` is of
 * `powerWith` alone.
 */
export function oneLookAt(
  metric: PlannedMetric,
  effect: PlannedEffect,
  design: Omit<TestDesign, 'power'> & { readonly allocationRatio: number },
): OneLook {
  const { allocationRatio: ratio, farTail, ...rest } = design
  const test = { ...rest, farTail: 'ignored' } as const
  const powerTest = { ...rest, ...(farTail && { farTail }) }
  const sizes = (control: number) => ({ control, treatment: control * ratio })
  const { direction, margin } = effect
  const nullDifference = margin === undefined ? 0 : -direction * margin
  // Only what is asked for is undefined, and nobody reads it before it is known.
  const difference = effect.difference ?? 0

  if (metric.type !== 'proportion') {
    const { variance, treatmentVariance } = metric
    const planned = { variance, treatmentVariance, difference, nullDifference }
    return {
      sizeFor: (power) => meanSampleSize(planned, { ...test, allocationRatio: ratio, power }).control,
      powerWith: (control) => meanPower(planned, sizes(control), powerTest),
      detectableWith: (control, power) => {
        const spread = { variance, treatmentVariance }
        const distance = meanDetectableDifference(spread, sizes(control), { ...test, power })
        return margin === undefined ? direction * distance : distance - direction * difference
      },
    }
  }

  const { baseline: rate } = metric
  const method: ProportionMethod =
    margin !== undefined && metric.method === 'pooled' ? 'restricted' : metric.method
  const planned = (against = nullDifference) => ({
    control: rate,
    treatment: rate + difference,
    nullDifference: against,
    method,
  })
  const detectableMargin = (control: number, power: number) =>
    smallestIn(0, 1, (each) => proportionPower(planned(-direction * each), sizes(control), test) >= power)
  return {
    sizeFor: (power) => proportionSampleSize(planned(), { ...test, allocationRatio: ratio, power }).control,
    powerWith: (control) => proportionPower(planned(), sizes(control), powerTest),
    detectableWith: (control, power) =>
      margin === undefined
        ? proportionDetectableDifference(rate, sizes(control), { ...test, power }, { direction, method })
        : detectableMargin(control, power),
  }
}

/** Where, between low and high, a condition begins to hold; undefined if it does not even at the end. */
function smallestIn(low: number, high: number, holds: (value: number) => boolean): number | undefined {
  let [from, to] = [low, high]
  if (!holds(to * (1 - 1e-9))) return undefined
  for (let i = 0; i < 200 && to - from > 1e-15 * to; i++) {
    const middle = (from + to) / 2
    if (holds(middle)) to = middle
    else from = middle
  }
  return to
}

import type { Bounds, Estimate, Interval, SealedMetric } from '@fairtrial/protocol'
import { type Estimable, isEstimable } from '@fairtrial/statistics'
import { type Arms, contrast, relativeBounds } from './arms.ts'
import { finite, isEstimate, notEstimable } from './estimate.ts'

/** Stands for what is relative to nothing. */
export const ZERO_CONTROL_MEAN = notEstimable(
  'zero-control-mean',
  "control's mean is 0: nothing to be relative to",
)

/** Absolute and relative bounds of the effect at the arms' multiplier. */
export function intervalOf(arms: Estimable<Arms>, level: number): Interval {
  if (!isEstimable(arms)) return { level, absolute: arms, relative: arms }
  return { level, absolute: finite<Bounds>(contrast(arms, 1, 0)), relative: relativeIntervalOf(arms) }
}

function relativeIntervalOf(arms: Arms): Estimate<Bounds> {
  if (arms.control.mean === 0) return ZERO_CONTROL_MEAN
  const bounds = relativeBounds(arms)
  if (bounds !== null) return finite<Bounds>(bounds)
  return notEstimable(
    'unbounded',
    "control's mean is not told apart from 0 yet, so a relative effect has no bounds",
  )
}

/** What holds at every look, at any level, with the tuning of one: interval and p-value are each other's dual. */
export interface Sequence {
  intervalAt(alpha: number): Interval
  pValue(): Estimate<number>
  /** Of a sequence of the relative effect alone: its bounds, by which is decided. The upper one may be infinite. */
  liftAt?(alpha: number): Estimate<Bounds>
}

/** An interval with the lower ends of one and the upper ends of another. */
export function joinEnds(lower: Interval, upper: Interval, level: number): Interval {
  const join = (low: Estimate<Bounds>, high: Estimate<Bounds>): Estimate<Bounds> => {
    if (!isEstimate(low)) return low
    return isEstimate(high) ? [low[0], high[1]] : high
  }
  return {
    level,
    absolute: join(lower.absolute, upper.absolute),
    relative: join(lower.relative, upper.relative),
  }
}

/** On which side of zero an interval lies wholly, by what the metric is wanted to do. */
export function sideOf(
  interval: Estimate<Bounds>,
  { direction }: Pick<SealedMetric, 'direction'>,
): 'better' | 'worse' | 'unknown' {
  if (!isEstimate(interval)) return 'unknown'
  const [lower, upper] = interval
  if (lower <= 0 && upper >= 0) return 'unknown'
  return lower > 0 === (direction === 'increase') ? 'better' : 'worse'
}

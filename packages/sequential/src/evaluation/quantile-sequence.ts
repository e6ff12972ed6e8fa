import type { Bounds, Estimate, Interval, MetricSummary, QuantileSketch } from '@fairtrial/protocol'
import { sketchCount } from '@fairtrial/statistics'
import { quantileRankExcess } from '../anytime/quantile-sequence.ts'
import { explicitTuning } from '../anytime/tuning.ts'
import type { ComparisonPlan } from './arms.ts'
import { finite, isEstimate, notEstimable } from './estimate.ts'
import type { Sequence } from './interval.ts'
import { edgeAbove, edgeBelow } from './quantile-estimates.ts'
import { smallestAlpha } from './smallest-alpha.ts'

/**
 * The difference of two quantiles, valid at every look, at any number of units and for any distribution: each arm's
 * quantile lies within its confidence sequence (Howard & Ramdas, Bernoulli 28, 2022) but for half of alpha, so that
 * their difference lies between the differences of the far ends. One number a unit.
 */
export function quantileSequence(
  control: MetricSummary,
  treatment: MetricSummary,
  p: number,
  { alpha, tuneAt }: ComparisonPlan,
): Sequence {
  // Of one arm's units and its half of alpha.
  const { rho } = explicitTuning({ alpha: alpha / 2, tunedAt: tuneAt / 2 })
  const boundsAt = (arm: MetricSummary, alpha: number) => quantileBounds(arm.sketch, p, { rho, alpha })
  const intervalAt = (alpha: number): Interval =>
    differenceOf(boundsAt(control, alpha / 2), boundsAt(treatment, alpha / 2), 1 - alpha)
  return { intervalAt, pValue: () => smallestAlpha((alpha) => intervalAt(alpha).absolute) }
}

/** A quantile of one arm's units, valid at every look. */
export function quantileBounds(
  sketch: QuantileSketch | undefined,
  p: number,
  { rho, alpha }: { readonly rho: number; readonly alpha: number },
): Estimate<Bounds> {
  const n = sketch === undefined ? 0 : sketchCount(sketch)
  if (sketch === undefined || n === 0) {
    return notEstimable('no-data', 'an arm has no units with a closed window and a value')
  }
  const { above, below } = quantileRankExcess(n, p, { rho, alpha })
  const low = Math.ceil(n * p - below)
  const high = Math.floor(n * p + above) + 1
  if (low < 1 || high > n) {
    return notEstimable('unbounded', `${n} units of an arm are too few to bound their ${p} quantile`)
  }
  return finite<Bounds>([edgeBelow(sketch, low), edgeAbove(sketch, high)])
}

function differenceOf(control: Estimate<Bounds>, treatment: Estimate<Bounds>, level: number): Interval {
  if (!isEstimate(control)) return { level, absolute: control, relative: control }
  if (!isEstimate(treatment)) return { level, absolute: treatment, relative: treatment }
  return {
    level,
    absolute: finite<Bounds>([treatment[0] - control[1], treatment[1] - control[0]]),
    relative: liftOf(control, treatment),
  }
}

/** (t − c) / |c| grows with t, and on each side of 0 moves one way with c: its ends are at the corners. */
function liftOf(control: Bounds, treatment: Bounds): Estimate<Bounds> {
  if (control[0] <= 0 && control[1] >= 0) {
    return notEstimable(
      'unbounded',
      "control's quantile is not told apart from 0 yet, so a relative effect has no bounds",
    )
  }
  const lifts = treatment.flatMap((t) => control.map((c) => (t - c) / Math.abs(c)))
  return finite<Bounds>([Math.min(...lifts), Math.max(...lifts)])
}

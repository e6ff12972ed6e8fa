import type { Bounds, DailyEffect, EffectSize, Estimate, MetricSummary, Moments } from '@fairtrial/protocol'
import { type Estimable, estimatedMean, isEstimable, mergeMoments } from '@fairtrial/statistics'
import { plainEstimates } from './arm-estimates.ts'
import { type Arms, armsOf, type ComparisonPlan, effectOfArms } from './arms.ts'
import { finite, isEstimate, notEstimable, pick } from './estimate.ts'
import { intervalOf } from './interval.ts'

/** How a metric's days are read. */
export interface DailyPlan extends ComparisonPlan {
  /** The lift that pays, or else the smallest worth having, of the metric over its whole window. */
  readonly threshold?: EffectSize | undefined
}

/**
 * The effect by days since exposure, and whether it changes with them: novelty wears off, learning grows. The slope test
 * compares the units' own slopes, one number a unit, so that a unit's days need not be independent. Each interval is
 * valid at every look, each by itself at the comparison's alpha; undefined of a metric that was not folded by day.
 */
export function evaluateDaily(
  control: MetricSummary,
  treatment: MetricSummary,
  plan: DailyPlan,
): DailyEffect | undefined {
  if (control.daily === undefined || treatment.daily === undefined) return undefined
  const level = 1 - plan.alpha
  const days = control.daily.days.map((day, i) => {
    const arms = readArms(day, treatment.daily!.days[i]!, plan)
    return { effect: effectOf(arms), interval: intervalOf(arms, level).absolute }
  })
  const slopeArms = readArms(control.daily.slope, treatment.daily.slope, plan)
  const slope = { perDay: effectOf(slopeArms), interval: intervalOf(slopeArms, level).absolute }
  const effects = days.map(({ effect }) => effect)
  return {
    days,
    slope,
    verdict: judge(slope.interval, mean(effects), days.length - 1, dailySize(control, plan.threshold)),
    longRun: mean(effects.slice(Math.ceil(effects.length / 2))),
  }
}

function readArms(control: Moments, treatment: Moments, plan: DailyPlan): Estimable<Arms> {
  const c = estimatedMean(control, 'control')
  if (!isEstimable(c)) return c
  const t = estimatedMean(treatment, 'treatment')
  if (!isEstimable(t)) return t
  const together = estimatedMean(mergeMoments(control, treatment), 'both arms')
  const n = { control: control.n, treatment: treatment.n }
  return armsOf(plainEstimates({ method: 'welch', control: c, treatment: t, n, together }), plan)
}

function effectOf(arms: Estimable<Arms>): Estimate<number> {
  return pick(arms, (known) => effectOfArms(known).estimate)
}

/** Stable goes first: a change that makes no difference is none, however surely it is there. */
function judge(
  slope: Estimate<Bounds>,
  effect: Estimate<number>,
  days: number,
  size: number | undefined,
): DailyEffect['verdict'] {
  if (!isEstimate(slope)) return 'unknown'
  const [lower, upper] = slope
  if (size !== undefined && Math.max(Math.abs(lower), Math.abs(upper)) * days < size / 2) return 'stable'
  if ((lower <= 0 && upper >= 0) || !isEstimate(effect) || effect === 0) return 'unknown'
  return lower > 0 === effect > 0 ? 'grows' : 'decays'
}

/** The threshold on the scale of a day: as large a share of control's mean day as it is of control's mean. */
function dailySize({ closed, daily }: MetricSummary, threshold: EffectSize | undefined): number | undefined {
  if (threshold === undefined) return undefined
  const share = 'relative' in threshold ? threshold.relative : threshold.absolute / Math.abs(closed.mean)
  const day = mean(daily!.days.map((each) => each.mean))
  const size = isEstimate(day) ? share * Math.abs(day) : Number.NaN
  return size > 0 && Number.isFinite(size) ? size : undefined
}

/** Of numbers that can all be had; or why the first one cannot. */
function mean(numbers: readonly Estimate<number>[]): Estimate<number> {
  let sum = 0
  for (const each of numbers) {
    if (!isEstimate(each)) return each
    sum += each
  }
  return numbers.length === 0 ? notEstimable('no-data', 'there are no days') : finite(sum / numbers.length)
}

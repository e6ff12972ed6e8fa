import type { Interval, MetricDefinition } from '@fairtrial/protocol'
import { normalQuantile } from '@fairtrial/statistics'
import type { Arms } from './arms.ts'
import { isEstimate } from './estimate.ts'
import { sayAmount, sayShare } from './words.ts'

/** The chance with which an effect of that size would have been found. */
const POWER = 0.8

/** The absolute effect that four of five trials of this size would tell from zero at this look. */
export function detectableEffect({ control, treatment, multiplier }: Arms): number {
  return (multiplier + normalQuantile(POWER)) * Math.sqrt(control.variance + treatment.variance)
}

/** What an interval rules out, in one sentence; of an interval that cannot be had, that nothing is. */
export function sayRuledOut({ level, absolute }: Interval, definition: MetricDefinition): string {
  if (!isEstimate(absolute)) return `Nothing is ruled out: ${absolute.notEstimable.detail}.`
  const [lower, upper] = absolute
  return `Ruled out: effects below ${sayAmount(lower, definition)} and above ${sayAmount(upper, definition)} (${sayShare(level)} interval).`
}

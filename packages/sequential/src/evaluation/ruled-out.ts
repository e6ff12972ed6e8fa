import type { Bounds, Estimate, Interval, MetricDefinition } from '@fairtrial/protocol'
import { normalQuantile } from '@fairtrial/statistics'
import { type Arms, effectOfArms } from './arms.ts'
import { finite, isEstimate } from './estimate.ts'
import { sayAmount, sayShare } from './words.ts'

/** How many standard errors beyond its bound an effect must lie to be found by four of five trials. */
export const FOUR_OF_FIVE = normalQuantile(0.8)

/** The absolute effect that four of five trials of this size would tell from zero at this look. */
export function detectableEffect(arms: Arms): number {
  return (arms.multiplier + FOUR_OF_FIVE) * effectOfArms(arms).standardError
}

/** The same of an interval that is not made of its standard error: from half its width. */
export function detectableWithin({ absolute }: Interval, standardError: Estimate<number>): Estimate<number> {
  if (!isEstimate(absolute)) return absolute
  if (!isEstimate(standardError)) return standardError
  return finite((absolute[1] - absolute[0]) / 2 + FOUR_OF_FIVE * standardError)
}

/**
 * What an interval rules out, in a sentence or two; of an interval that cannot be had, that nothing is. Of one that holds
 * zero it says that zero is no finding either.
 */
export function sayRuledOut({ level, absolute, relative }: Interval, definition: MetricDefinition): string {
  if (!isEstimate(absolute)) return `Nothing is ruled out: ${absolute.notEstimable.detail}.`
  const [lower, upper] = absolute
  const shares = isEstimate(relative)
    ? `, or ${sayShare(relative[0])} and ${sayShare(relative[1])} of control`
    : ''
  const sentence = `Ruled out: effects below ${sayAmount(lower, definition)} and above ${sayAmount(upper, definition)}${shares} (${sayShare(level)} interval).`
  return lower <= 0 && upper >= 0 ? `${sentence} ${INCONCLUSIVE}` : sentence
}

/** The same of a relative effect that has no absolute one beside it, and perhaps no upper bound. */
export function sayRuledOutLift(lift: Estimate<Bounds>, level: number): string {
  if (!isEstimate(lift)) return `Nothing is ruled out: ${lift.notEstimable.detail}.`
  const [lower, upper] = lift
  const ends = [
    ...(lower > -1 ? [`below ${sayShare(lower)}`] : []),
    ...(upper < Number.POSITIVE_INFINITY ? [`above ${sayShare(upper)}`] : []),
  ]
  const sentence = `Ruled out: effects ${ends.join(' and ')} of control (${sayShare(level)} interval).`
  return lower <= 0 && upper >= 0 ? `${sentence} ${INCONCLUSIVE}` : sentence
}

const INCONCLUSIVE = 'All between is possible: inconclusive is not "no effect".'

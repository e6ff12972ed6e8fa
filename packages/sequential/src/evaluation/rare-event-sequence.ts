import type { Bounds, Estimate, MetricSummary } from '@fairtrial/protocol'
import { type Estimable, isEstimable } from '@fairtrial/statistics'
import { type EventCount, type RareEventEvidence, rareEventTest } from '../anytime/rare-events.ts'
import { finite, isEstimate, notEstimable, pick, positive } from './estimate.ts'
import type { Sequence } from './interval.ts'

/** Stands for every number about a difference of rates. */
export const NO_DIFFERENCE = notEstimable(
  'not-applicable',
  'rare events bound the ratio of two rates, and no difference',
)

/**
 * The relative effect on rare events, valid at every look and from the first event on: given how many there are in all
 * and the units of each arm, by `rareEventTest`. Closed units count, so that both arms have had the same time.
 */
export function rareEventSequence(control: MetricSummary, treatment: MetricSummary): Sequence {
  const [c, t] = [eventsOf(control), eventsOf(treatment)]
  const isEmpty = c.events + t.events === 0 && c.exposure > 0 && t.exposure > 0
  const testAt = (alpha: number): Estimable<RareEventEvidence> =>
    isEmpty ? NO_EVENTS : rareEventTest(c, t, { alpha })
  const liftAt = (alpha: number): Estimate<Bounds> => {
    const test = testAt(alpha)
    return isEstimable(test) ? [test.interval.lower - 1, test.interval.upper - 1] : test
  }
  return {
    liftAt,
    intervalAt: (alpha) => ({ level: 1 - alpha, absolute: NO_DIFFERENCE, relative: bounded(liftAt(alpha)) }),
    // The p is the same whatever the level of the interval beside it.
    pValue: () => pick(testAt(0.05), ({ pValue }) => positive(pValue)),
  }
}

/** What does not come to a whole number is left for the test to refuse. */
function eventsOf({ closed: { n, mean } }: MetricSummary): EventCount {
  const sum = n * mean
  const events = Math.round(sum)
  return { events: Math.abs(sum - events) <= ROUNDING * Math.max(1, events) ? events : sum, exposure: n }
}

function bounded(lift: Estimate<Bounds>): Estimate<Bounds> {
  if (!isEstimate(lift)) return lift
  if (lift[1] < Number.POSITIVE_INFINITY) return finite(lift)
  const least = Number((1 + lift[0]).toPrecision(4))
  return notEstimable(
    'unbounded',
    `control has had no event yet: the ratio of the rates is at least ${least}, and has no upper bound`,
  )
}

const NO_EVENTS: Estimable<RareEventEvidence> = {
  notEstimable: { code: 'no-data', detail: 'no unit of either arm has had an event yet' },
}
/** What a sum may be off from a whole number for having come as a mean. */
const ROUNDING = 1e-6

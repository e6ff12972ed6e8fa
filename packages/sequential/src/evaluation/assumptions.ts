import type { MetricDefinition } from '@fairtrial/protocol'

/** What must be true for an interval to hold, in sentences that are true of this method and this metric. */
export function assumptionsOf({ window }: MetricDefinition): readonly string[] {
  return [
    'Units are independent of one another, and were assigned by the hash alone.',
    `A unit counts once its window of ${window} has closed, with its final value.`,
    'The confidence sequence is asymptotic: it holds once each arm has enough units for its mean to be nearly normal.',
  ]
}

import type { MetricSummary } from '@fairtrial/protocol'

type Histogram = NonNullable<MetricSummary['histogram']>

/** Beyond so many different values there is none: ranks of what is nearly continuous are for a unit table. */
const MAXIMUM_VALUES = 10_000

/** Values and how often each occurs, rising; undefined of too many different ones. */
export function histogramOf(values: readonly number[]): Histogram | undefined {
  return histogramOfCounts(values.map((value) => [value, 1]))
}

/** The histogram of two sets of values taken together; undefined where one of them has none. */
export function mergeHistograms(a: Histogram | undefined, b: Histogram | undefined): Histogram | undefined {
  return a && b && histogramOfCounts([...a, ...b])
}

function histogramOfCounts(counts: Histogram): Histogram | undefined {
  const histogram = new Map<number, number>()
  for (const [value, count] of counts) histogram.set(value, (histogram.get(value) ?? 0) + count)
  return histogram.size > MAXIMUM_VALUES ? undefined : [...histogram].toSorted(([a], [b]) => a - b)
}

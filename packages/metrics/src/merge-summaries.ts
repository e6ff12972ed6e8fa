import type { SegmentSummary, SummaryCounts, TrialSummary } from '@fairtrial/protocol'
import { ExperimentError } from '@fairtrial/protocol/error'
import { mergeMetricSummaries } from './merge-metric-summaries.ts'
import { mergeSegments } from './segments.ts'

/**
 * The summary of two disjoint sets of units, such as two shards of a log split by unit: associative and commutative
 * (moments up to rounding), with the summary of no events at the same `asOf` as its neutral element. Windows are
 * closed up to the earlier of the two times.
 *
 * @throws ExperimentError `definition-changed` when the two are not of one definition and phase
 */
export function mergeSummaries(a: TrialSummary, b: TrialSummary): TrialSummary {
  for (const field of ['experiment', 'fingerprint', 'phase'] as const) {
    if (a[field] === b[field]) continue
    throw new ExperimentError(
      'definition-changed',
      `Summaries of different designs cannot be merged: one has ${field} ${a[field]}, the other ${b[field]}.`,
      'Merge summaries of one definition and one phase; analyse each phase by itself.',
    )
  }
  const { segments: _, ...rest } = a
  return {
    ...rest,
    asOf: Math.min(a.asOf, b.asOf),
    ...mergeUnits(a, b),
    // Only where both have them do the segments share out all units.
    ...(a.segments &&
      b.segments && { segments: mapBoth(a.segments, b.segments, (x, y) => mergeSegments(x, y, mergeUnits)) }),
    counts: addCounts(a.counts, b.counts),
    newestEventAt: latest(a.newestEventAt, b.newestEventAt),
  }
}

function mergeUnits(a: SegmentSummary, b: SegmentSummary): SegmentSummary {
  return {
    units: mapBoth(a.units, b.units, sum),
    metrics: mapBoth(a.metrics, b.metrics, (x, y) => mapBoth(x, y, mergeMetricSummaries)),
  }
}

/** Joins the values of two records with the same keys. */
function mapBoth<T>(
  a: { readonly [name: string]: T },
  b: { readonly [name: string]: T },
  join: (x: T, y: T) => T,
): { readonly [name: string]: T } {
  return Object.fromEntries(Object.entries(a).map(([name, x]) => [name, join(x, b[name]!)]))
}

const sum = (x: number, y: number): number => x + y

/** What one of them does not tell of, it has none of. */
function addCounts(a: SummaryCounts, b: SummaryCounts): SummaryCounts {
  const counts: Record<string, number> = { ...a }
  for (const [name, count] of Object.entries(b)) counts[name] = (counts[name] ?? 0) + count
  return counts as unknown as SummaryCounts
}

function latest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b)
}

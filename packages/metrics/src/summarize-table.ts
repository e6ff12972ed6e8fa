import type { Experiment, SegmentSummary, TrialSummary } from '@fairtrial/protocol'
import { measuredMetrics } from './measurements.ts'
import { readUnits } from './read-units.ts'
import { hasMaximum } from './reading.ts'
import { segmentsOf } from './segments.ts'
import { summaryOfUnits } from './summary-of-units.ts'
import type { TableRow } from './table-row.ts'
import type { TableUnit } from './row-reader.ts'

/** How a unit table is read. */
export interface TableOptions {
  /** The column that says which arm a unit is in, by the variant's `value` or its name. */
  readonly variantColumn: string
  /** The column that names the unit. Without it, each row is a unit of its own. */
  readonly unitColumn?: string
  /**
   * The column that says how many units a row stands for: a day's, a city's. Metrics are then proportions, and their
   * columns say how many of these units succeeded; rows with an empty cell do not count for that metric.
   */
  readonly unitsColumn?: string
  /** Rows that fulfil all of these are read, the others are passed over. Compared as text. */
  readonly where?: readonly { readonly column: string; readonly equals: string }[]
  /** Epoch milliseconds to write into the summary; a table has no times, all its windows have closed. Default 0. */
  readonly asOf?: number
  /** Default 1. */
  readonly phase?: number
}

/** A unit table, folded. */
export interface TableSummary {
  readonly summary: TrialSummary
  /** Texts in the variant column that are no variant's, the most frequent first; their rows are set aside. */
  readonly unknownVariants: readonly { readonly text: string; readonly rows: number }[]
}

/**
 * A trial folded from a unit table: a row a unit, a column a metric. A unit id that repeats in one arm counts with
 * its first row. One that stands in two arms is left out; or, by the policy `first`, counts with its first row. (By
 * `as-assigned` it is left out too: a table does not say where a unit was assigned.) In a trial by clusters the same
 * holds of clusters.
 *
 * @throws ExperimentError `invalid-table` for a column that is not there, a unit without an id, or a text that is
 *   no number: it names row, column and text. Rows are numbered from 1, the header not counted. With `unitsColumn`, also
 *   for metrics that counts of successes do not tell.
 */
export function summarizeTable(
  experiment: Experiment,
  rows: Iterable<TableRow>,
  options: TableOptions,
): TableSummary {
  const { variants, cluster, dimensions } = experiment
  const { unitsColumn, asOf = 0, phase = 1 } = options
  const { readings, units, crossoverUnits, repeatedExposures, nonFiniteValues, unknownVariants } = readUnits(
    experiment,
    rows,
    options,
  )
  const plan = {
    variants,
    readings,
    isAggregated: unitsColumn !== undefined,
    byClusters: cluster !== undefined,
  }
  const summarize = (units: readonly TableUnit[]) => summaryOfUnits(units, plan)
  const segments =
    dimensions &&
    Object.fromEntries(
      Object.entries(dimensions).map(([name, dimension], index) => [
        name,
        segmentsOf(units, index, dimension, summarize),
      ]),
    )
  const summary: TrialSummary = {
    schema: 'fairtrial.summary/1',
    experiment: experiment.key,
    fingerprint: experiment.fingerprint,
    phase,
    asOf,
    ...withMeasured(experiment, summarize(units)),
    ...(segments && { segments }),
    counts: {
      crossoverUnits,
      repeatedExposures,
      earlyOutcomes: 0,
      lateOutcomes: 0,
      repeatedOutcomes: 0,
      unmatchedOutcomes: 0,
      foreignExposures: [...unknownVariants.values()].reduce((sum, n) => sum + n, 0),
      nonFiniteValues,
      ...(hasMaximum(readings) && { excessOutcomes: 0 }),
    },
    newestEventAt: null,
  }
  return {
    summary,
    unknownVariants: [...unknownVariants]
      .map(([text, n]) => ({ text, rows: n }))
      .toSorted((a, b) => b.rows - a.rows),
  }
}

/** A table has units, and no requests: nothing has been measured. */
function withMeasured(experiment: Experiment, { units, metrics }: SegmentSummary): SegmentSummary {
  return { units, metrics: { ...metrics, ...measuredMetrics(experiment, null, 0) } }
}

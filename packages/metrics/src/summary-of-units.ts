import type { Experiment, MetricSummary, SegmentSummary } from '@fairtrial/protocol'
import { byVariant } from './by-variant.ts'
import { isCounted } from './observation.ts'
import type { Reading } from './reading.ts'
import { summaryOfRates } from './rates.ts'
import { summaryOfSample } from './summary-of-sample.ts'
import type { TableUnit } from './row-reader.ts'

/** How rows are summed up. */
export interface UnitsPlan {
  readonly variants: Experiment['variants']
  readonly readings: readonly Reading[]
  /** Whether a row stands for many units. */
  readonly isAggregated: boolean
  /** Whether units were assigned by clusters. */
  readonly byClusters: boolean
}

/** The units of a table, all or a segment's, summed up by arm. */
export function summaryOfUnits(units: readonly TableUnit[], plan: UnitsPlan): SegmentSummary {
  const { variants, readings, isAggregated, byClusters } = plan
  const arms = variants.map((_, arm) => units.filter((unit) => unit.arm === arm))
  const summarize = (rows: readonly TableUnit[], reading: Reading, r: number): MetricSummary => {
    if (isAggregated) return summaryOfRates(rows, r)
    const counted = rows.map(({ observations }) => observations[r]!).filter(isCounted)
    const sample = { closed: counted, current: counted, missing: rows.length - counted.length }
    return summaryOfSample(reading, sample, byClusters)
  }
  return {
    units: byVariant(
      variants,
      arms.map((rows) => rows.reduce((sum, row) => sum + row.units, 0)),
    ),
    metrics: Object.fromEntries(
      readings.map((reading, r) => [
        reading.metric,
        byVariant(
          variants,
          arms.map((rows) => summarize(rows, reading, r)),
        ),
      ]),
    ),
  }
}

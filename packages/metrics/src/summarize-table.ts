import type { Experiment, MetricSummary, TrialSummary } from '@fairtrial/protocol'
import { ExperimentError } from '@fairtrial/protocol/error'
import { momentsOf } from '@fairtrial/statistics'
import { byVariant } from './by-variant.ts'
import { parseCell } from './cell.ts'
import { readingsOf } from './reading.ts'
import { readColumns, type TableRow } from './table-row.ts'

/** How a unit table is read. */
export interface TableOptions {
  /** The column that says which arm a unit is in, by the variant's `value` or its name. */
  readonly variantColumn: string
  /** The column that names the unit. Without it, each row is a unit of its own. */
  readonly unitColumn?: string
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

/** The values of one metric in one arm. */
interface Sample {
  readonly values: number[]
  missing: number
}

/** A row's numbers, by reading; undefined where the cell is empty. */
type Values = readonly (number | undefined)[]

/**
 * A trial folded from a unit table: a row a unit, a column a metric. A unit id that repeats in one arm counts with
 * its first row. One that stands in two arms is left out; or, by the policy `first`, counts with its first row. (By
 * `as-assigned` it is left out too: a table does not say where a unit was assigned.)
 *
 * @throws ExperimentError `invalid-table` for a column that is not there, a unit without an id, or a text that is
 *   no number: it names row, column and text. Rows are numbered from 1, the header not counted.
 */
export function summarizeTable(
  experiment: Experiment,
  rows: Iterable<TableRow>,
  { variantColumn, unitColumn, asOf = 0, phase = 1 }: TableOptions,
): TableSummary {
  const { variants } = experiment
  const readings = readingsOf(experiment)
  const armOfText = new Map(variants.map(({ name }, arm) => [name, arm]))
  variants.forEach(({ value }, arm) => value !== undefined && armOfText.set(value, arm))

  const columns = [variantColumn, ...readings.map(({ column }) => column)]
  if (unitColumn !== undefined) columns.push(unitColumn)
  const unitAt = unitColumn === undefined ? undefined : columns.length - 1

  const units = variants.map(() => 0)
  const samples = readings.map(() => variants.map((): Sample => ({ values: [], missing: 0 })))
  const unknownVariants = new Map<string, number>()
  const unitsById = new Map<string, { readonly arms: number[]; readonly values: Values }>()
  let row = 0
  let crossoverUnits = 0
  let repeatedExposures = 0
  let nonFiniteValues = 0

  const count = (arm: number, values: Values): void => {
    units[arm]! += 1
    readings.forEach(({ whenMissing }, r) => {
      const value = values[r] ?? (whenMissing === 'zero' ? 0 : Number.NaN)
      const sample = samples[r]![arm]!
      if (Number.isFinite(value)) sample.values.push(value)
      else sample.missing += 1
    })
  }

  for (const cells of readColumns(rows, columns)) {
    row += 1
    const text = cells[0]!
    const arm = armOfText.get(text)
    if (arm === undefined) {
      unknownVariants.set(text, (unknownVariants.get(text) ?? 0) + 1)
      continue
    }
    const values = readings.map((reading, r) => parseCell(cells[r + 1]!, reading, row))
    for (const value of values) if (value !== undefined && !Number.isFinite(value)) nonFiniteValues += 1
    if (unitAt === undefined) {
      count(arm, values)
      continue
    }
    const unitId = cells[unitAt]!
    if (unitId === '') throw withoutId(row, columns[unitAt]!)
    const known = unitsById.get(unitId)
    if (known === undefined) unitsById.set(unitId, { arms: [arm], values })
    else if (known.arms.includes(arm)) repeatedExposures += 1
    else if (known.arms.push(arm) === 2) crossoverUnits += 1
  }
  for (const { arms, values } of unitsById.values()) {
    if (arms.length === 1 || experiment.analysis.crossover === 'first') count(arms[0]!, values)
  }

  const summary: TrialSummary = {
    schema: 'fairtrial.summary/1',
    experiment: experiment.key,
    fingerprint: experiment.fingerprint,
    phase,
    asOf,
    units: byVariant(variants, units),
    metrics: Object.fromEntries(
      readings.map(({ metric }, r) => [metric, byVariant(variants, samples[r]!.map(summaryOfSample))]),
    ),
    counts: {
      crossoverUnits,
      repeatedExposures,
      earlyOutcomes: 0,
      lateOutcomes: 0,
      repeatedOutcomes: 0,
      unmatchedOutcomes: 0,
      foreignExposures: [...unknownVariants.values()].reduce((sum, n) => sum + n, 0),
      nonFiniteValues,
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

function summaryOfSample({ values, missing }: Sample): MetricSummary {
  const moments = momentsOf(values)
  return { closed: moments, current: moments, missing }
}

function withoutId(row: number, column: string): ExperimentError {
  return new ExperimentError(
    'invalid-table',
    `Row ${row} has no unit id: column ${JSON.stringify(column)} is empty.`,
    'Give the row its unit, or read the table without a unit column: each row is a unit then.',
  )
}

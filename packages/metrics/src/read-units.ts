import type { Experiment } from '@fairtrial/protocol'
import { isNonFinite } from './observation.ts'
import { refuseUntold } from './rates.ts'
import { type Reading, readingsOf } from './reading.ts'
import { type SettledUnits, settleClusters, settleRepeats } from './settle-units.ts'
import type { TableOptions } from './summarize-table.ts'
import { readColumns, type TableRow } from './table-row.ts'
import { createRowReader, type TableUnit } from './row-reader.ts'

/** The units of a table, each once and in one arm. */
export interface UnitsRead extends SettledUnits {
  readonly readings: readonly Reading[]
  readonly nonFiniteValues: number
  /** Texts in the column of the arm that are no variant's, and how many rows have them. */
  readonly unknownVariants: ReadonlyMap<string, number>
}

/** Reads a unit table by a definition; what cannot count is set aside and counted. */
export function readUnits(
  experiment: Experiment,
  rows: Iterable<TableRow>,
  options: TableOptions,
): UnitsRead {
  const { variants, analysis, cluster } = experiment
  const { unitColumn, unitsColumn } = options
  if (unitsColumn !== undefined) refuseUntold(experiment, unitColumn)
  const readings = readingsOf(experiment)
  const reader = createRowReader(experiment, readings, options)
  const armOfText = new Map(variants.map(({ name }, arm) => [name, arm]))
  variants.forEach(({ value }, arm) => value !== undefined && armOfText.set(value, arm))

  const found: TableUnit[] = []
  const unknownVariants = new Map<string, number>()
  let nonFiniteValues = 0
  let row = 0
  for (const cells of readColumns(rows, reader.columns)) {
    row += 1
    if (!reader.isWanted(cells)) continue
    const text = reader.variantOf(cells)
    const arm = armOfText.get(text)
    if (arm === undefined) {
      unknownVariants.set(text, (unknownVariants.get(text) ?? 0) + 1)
      continue
    }
    const unit = reader.unitOf(cells, arm, row)
    nonFiniteValues += unit.observations.filter(isNonFinite).length
    found.push(unit)
  }

  const once: SettledUnits =
    unitColumn === undefined
      ? { units: found, crossoverUnits: 0, repeatedExposures: 0 }
      : settleRepeats(found, analysis.crossover)
  const settled =
    cluster === undefined
      ? { units: once.units, crossoverUnits: 0 }
      : settleClusters(once.units, analysis.crossover)
  return {
    readings,
    units: settled.units,
    crossoverUnits: once.crossoverUnits + settled.crossoverUnits,
    repeatedExposures: once.repeatedExposures,
    nonFiniteValues,
    unknownVariants,
  }
}

import type { Experiment } from '@fairtrial/protocol'
import { ExperimentError } from '@fairtrial/protocol/error'
import type { Observation } from './observation.ts'
import { countUnits, rateObserver, unitObserver } from './observe-row.ts'
import type { Reading } from './reading.ts'
import type { TableOptions } from './summarize-table.ts'

/** What a row of a table says: of one unit, or of many of one arm. */
export interface TableUnit {
  /** Index of the variant. */
  readonly arm: number
  /** How many units the row stands for. */
  readonly units: number
  /** Its id, where there is a column of ids. */
  readonly unitId: string
  /** By reading. */
  readonly observations: readonly Observation[]
  /** By dimension, what stands in its column. */
  readonly segments: readonly string[]
}

/** Reads rows by the columns that a definition and the options name. */
export interface RowReader {
  /** In the order in which a row's cells are to come. */
  readonly columns: readonly string[]
  /** Whether the row fulfils all conditions. */
  isWanted(cells: readonly string[]): boolean
  /** What stands in the column of the arm. */
  variantOf(cells: readonly string[]): string
  /** @throws ExperimentError `invalid-table` for a unit or a cluster without an id, and what a cell cannot be */
  unitOf(cells: readonly string[], arm: number, row: number): TableUnit
}

export function createRowReader(
  { cluster, dimensions = {} }: Experiment,
  readings: readonly Reading[],
  { variantColumn, unitColumn, unitsColumn, where = [] }: TableOptions,
): RowReader {
  const columns: string[] = []
  const placeOf = (column: string): number => {
    const place = columns.indexOf(column)
    return place < 0 ? columns.push(column) - 1 : place
  }
  const variantAt = placeOf(variantColumn)
  const conditions = where.map(({ column, equals }) => ({ place: placeOf(column), equals }))
  const observers = readings.map((reading) =>
    unitsColumn === undefined ? unitObserver(reading, placeOf) : rateObserver(reading, placeOf, unitsColumn),
  )
  const segmentsAt = Object.values(dimensions).map(({ column }) => placeOf(column))
  const idOf = (column: string | undefined, what: string, remedy: string) => {
    if (column === undefined) return () => ''
    const place = placeOf(column)
    return (cells: readonly string[], row: number): string => {
      const id = cells[place]!
      if (id !== '') return id
      throw new ExperimentError(
        'invalid-table',
        `Row ${row} has no ${what} id: column ${JSON.stringify(column)} is empty.`,
        remedy,
      )
    }
  }
  const unitIdOf = idOf(
    unitColumn,
    'unit',
    'Give the row its unit, or read the table without a unit column: each row is a unit then.',
  )
  const clusterOf = idOf(
    cluster?.attribute,
    'cluster',
    'Give the row its cluster, for its unit was not assigned alone; or leave cluster out of the definition.',
  )
  const unitsAt = unitsColumn === undefined ? -1 : placeOf(unitsColumn)
  return {
    columns,
    isWanted: (cells) => conditions.every(({ place, equals }) => cells[place] === equals),
    variantOf: (cells) => cells[variantAt]!,
    unitOf(cells, arm, row) {
      const inCluster = cluster && { cluster: clusterOf(cells, row) }
      return {
        arm,
        units: unitsColumn === undefined ? 1 : countUnits(cells[unitsAt]!, unitsColumn, row),
        unitId: unitIdOf(cells, row),
        observations: observers.map((observe) => ({ ...observe(cells, row), ...inCluster })),
        segments: segmentsAt.map((place) => cells[place]!),
      }
    },
  }
}

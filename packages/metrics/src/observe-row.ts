import { ExperimentError } from '@fairtrial/protocol/error'
import { type NumberColumn, parseCell, parseCount } from './cell.ts'
import { capped, finite, type Observation, unitNumber } from './observation.ts'
import type { Reading } from './reading.ts'

/** What a row of a table comes to in one metric; rows are numbered from 1. */
export type RowObserver = (cells: readonly string[], row: number) => Observation

/**
 * Reads one metric from rows of a unit each.
 *
 * @param placeOf where a column stands among a row's cells
 */
export function unitObserver(reading: Reading, placeOf: (column: string) => number): RowObserver {
  const { metric, denominator, whenMissing } = reading
  const reader = (column: string, holds: NumberColumn['holds']) => {
    const place = placeOf(column)
    const numbers = { column, metric, holds }
    return (cells: readonly string[], row: number) => parseCell(cells[place]!, numbers, row)
  }
  const valueOf = reader(reading.column, reading.type === 'proportion' ? 'binary' : 'numbers')
  const denominatorOf = denominator && reader(denominator.column, 'numbers')
  const covariates = reading.covariates.map(({ column }) =>
    column === undefined ? undefined : reader(column, 'any'),
  )
  return (cells, row) => {
    const value = valueOf(cells, row) ?? (whenMissing === 'zero' ? 0 : undefined)
    const uncapped = unitNumber(reading, value, denominatorOf?.(cells, row))
    return {
      number: capped(uncapped, reading),
      uncapped,
      covariates: covariates.map((covariateOf) => finite(covariateOf?.(cells, row))),
      days: [],
    }
  }
}

/** Reads a proportion from rows of many units each: how many there are, and how many of them succeeded. */
export function rateObserver(
  { column }: Reading,
  placeOf: (column: string) => number,
  unitsColumn: string,
): RowObserver {
  const place = placeOf(column)
  const unitsAt = placeOf(unitsColumn)
  return (cells, row) => {
    const units = countUnits(cells[unitsAt]!, unitsColumn, row)
    const successes = parseCount(cells[place]!, column, row)
    if (successes !== undefined && successes > units) {
      throw new ExperimentError(
        'invalid-table',
        `Row ${row}, column ${JSON.stringify(column)}: ${successes} of ${units} units is more than all.`,
        'See that the columns of the metric and of the units are those of one count, each unit at most once in both.',
      )
    }
    const number = successes === undefined ? undefined : { value: successes, denominator: units }
    return { number, uncapped: number, covariates: [], days: [] }
  }
}

/** How many units a row stands for. */
export function countUnits(text: string, unitsColumn: string, row: number): number {
  const units = parseCount(text, unitsColumn, row)
  if (units !== undefined) return units
  throw new ExperimentError(
    'invalid-table',
    `Row ${row} does not say how many units it stands for: column ${JSON.stringify(unitsColumn)} is empty.`,
    'Write a whole number of 0 or more.',
  )
}

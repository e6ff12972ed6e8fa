import { ExperimentError } from '@fairtrial/protocol/error'

/** A column of a unit table that holds numbers. */
export interface NumberColumn {
  readonly column: string
  readonly metric: string
  /** `binary`: 0 and 1, or TRUE and FALSE, and nothing else; `any`: these and all numbers. */
  readonly holds: 'numbers' | 'binary' | 'any'
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i
const NON_FINITE = /^[+-]?(?:nan|inf|infinity)$/i
const TRUE = /^true$/i
const FALSE = /^false$/i

/**
 * The number in a cell of a unit table.
 *
 * @returns undefined of an empty cell; not a finite number where the text says so, or lies beyond the doubles
 * @throws ExperimentError `invalid-table` when the text is no number or, of a binary column, neither true nor false
 */
export function parseCell(text: string, column: NumberColumn, row: number): number | undefined {
  const { holds } = column
  const trimmed = text.trim()
  if (trimmed === '') return undefined
  if (NON_FINITE.test(trimmed)) return Number.NaN
  if (holds !== 'numbers') {
    if (TRUE.test(trimmed)) return 1
    if (FALSE.test(trimmed)) return 0
  }
  const value = NUMBER.test(trimmed) ? Number(trimmed) : undefined
  if (value !== undefined && (holds !== 'binary' || value === 0 || value === 1)) return value
  throw refusal(text, column, row)
}

function refusal(text: string, { column, metric, holds }: NumberColumn, row: number): ExperimentError {
  const isBinary = holds === 'binary'
  return new ExperimentError(
    'invalid-table',
    `Row ${row}, column ${JSON.stringify(column)}: ${JSON.stringify(text)} is ${isBinary ? 'neither true nor false' : 'no number'}.`,
    isBinary
      ? `Write TRUE, FALSE, 1 or 0, leave the cell empty where the value is missing, or give metric ${JSON.stringify(metric)} another type.`
      : 'Write a plain number such as 3 or 0.25, or leave the cell empty where the value is missing.',
  )
}

/**
 * A whole number in a cell: how many units a row stands for, or how many of them succeeded.
 *
 * @returns undefined of an empty cell
 * @throws ExperimentError `invalid-table` when the text is no whole number of 0 or more
 */
export function parseCount(text: string, column: string, row: number): number | undefined {
  const trimmed = text.trim()
  if (trimmed === '') return undefined
  const count = NUMBER.test(trimmed) ? Number(trimmed) : Number.NaN
  if (Number.isSafeInteger(count) && count >= 0) return count
  throw new ExperimentError(
    'invalid-table',
    `Row ${row}, column ${JSON.stringify(column)}: ${JSON.stringify(text)} is no count of units.`,
    'Write a whole number of 0 or more.',
  )
}

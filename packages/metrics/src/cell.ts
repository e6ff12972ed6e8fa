import { ExperimentError } from '@fairtrial/protocol/error'
import type { Reading } from './reading.ts'

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i
const NON_FINITE = /^[+-]?(?:nan|inf|infinity)$/i
const TRUE = /^true$/i
const FALSE = /^false$/i

/**
 * The number in a cell of a unit table.
 *
 * @returns undefined of an empty cell; not a finite number where the text says so, or lies beyond the doubles
 * @throws ExperimentError `invalid-table` when the text is no number or, of a proportion, neither true nor false
 */
export function parseCell(text: string, reading: Reading, row: number): number | undefined {
  const trimmed = text.trim()
  if (trimmed === '') return undefined
  if (NON_FINITE.test(trimmed)) return Number.NaN
  if (reading.type === 'proportion') {
    if (TRUE.test(trimmed)) return 1
    if (FALSE.test(trimmed)) return 0
  }
  const value = NUMBER.test(trimmed) ? Number(trimmed) : undefined
  if (value !== undefined && (reading.type !== 'proportion' || value === 0 || value === 1)) return value
  throw refusal(text, reading, row)
}

function refusal(text: string, { column, metric, type }: Reading, row: number): ExperimentError {
  const isProportion = type === 'proportion'
  return new ExperimentError(
    'invalid-table',
    `Row ${row}, column ${JSON.stringify(column)}: ${JSON.stringify(text)} is ${isProportion ? 'neither true nor false' : 'no number'}.`,
    isProportion
      ? `Write TRUE, FALSE, 1 or 0, leave the cell empty where the value is missing, or give metric ${JSON.stringify(metric)} another type.`
      : 'Write a plain number such as 3 or 0.25, or leave the cell empty where the value is missing.',
  )
}

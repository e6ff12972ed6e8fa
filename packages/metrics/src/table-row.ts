import { ExperimentError } from '@fairtrial/protocol/error'

/** A row of text, by column; or by place, where the first row of all is the header. */
export type TableRow = readonly string[] | { readonly [column: string]: string }

/** The columns asked for, row by row, in the order in which they were asked for; text that is not there is empty. */
export function* readColumns(
  rows: Iterable<TableRow>,
  columns: readonly string[],
): Generator<readonly string[], void, undefined> {
  let header: readonly string[] | undefined
  let isFirst = true
  for (const row of rows) {
    if (isFirst) {
      isFirst = false
      header = isByPlace(row) ? row : undefined
      refuseMissing(columns, header ?? Object.keys(row))
      if (header !== undefined) continue
    }
    if (header === undefined) {
      const named = row as { readonly [column: string]: string }
      yield columns.map((column) => named[column] ?? '')
    } else {
      const placed = row as readonly string[]
      const names = header
      yield columns.map((column) => placed[names.indexOf(column)] ?? '')
    }
  }
}

function isByPlace(row: TableRow): row is readonly string[] {
  return Array.isArray(row)
}

function refuseMissing(columns: readonly string[], present: readonly string[]): void {
  const missing = columns.filter((column) => !present.includes(column))
  if (missing.length === 0) return
  throw new ExperimentError(
    'invalid-table',
    `The table has no column ${quoted(missing)}; it has ${quoted(present)}.`,
    "Name the columns as the table does: a metric's in its `column`, the variant's and the unit's in the options.",
  )
}

const quoted = (names: readonly string[]): string => names.map((name) => JSON.stringify(name)).join(', ')

import { ExperimentError } from '@fairtrial/protocol/error'

/** A row of text, by column; or by place, where the first row of all is the header. */
export type TableRow = readonly string[] | { readonly [column: string]: string }

/** The columns asked for, row by row, in the order in which they were asked for; text that is not there is empty. */
export function* readColumns(
  rows: Iterable<TableRow>,
  columns: readonly string[],
): Generator<readonly string[], void, undefined> {
  let places: readonly number[] | undefined
  let isFirst = true
  for (const row of rows) {
    if (isFirst) {
      isFirst = false
      const header = isByPlace(row) ? row : Object.keys(row)
      refuseMissing(columns, header)
      if (isByPlace(row)) {
        places = columns.map((column) => header.indexOf(column))
        continue
      }
    }
    if (places === undefined) {
      const named = row as { readonly [column: string]: string }
      yield columns.map((column) => named[column] ?? '')
    } else {
      const placed = row as readonly string[]
      yield places.map((place) => placed[place] ?? '')
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

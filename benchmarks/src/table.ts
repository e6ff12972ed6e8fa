import { keepsTarget, type Row } from './row.ts'

const HEADINGS = ['benchmark', 'subject', 'ns', 'ratio', 'target', 'bytes', 'at most', '']

/** The rows as a text table, in the order given. */
export function table(rows: readonly Row[]): string {
  const cells = rows.map((row, index) => [
    row.benchmark === rows[index - 1]?.benchmark ? '' : row.benchmark,
    row.subject,
    figure(row.nanoseconds),
    row.ratio === undefined ? '' : `${figure(row.ratio)} × ${row.against}`,
    targetText(row),
    row.bytesPerCall === undefined ? '' : figure(row.bytesPerCall),
    row.bytesAtMost === undefined ? '' : figure(row.bytesAtMost),
    { true: 'kept', false: 'MISSED', undefined: '' }[`${keepsTarget(row)}`],
  ])
  const lines = [HEADINGS, ...cells]
  const widths = HEADINGS.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  return lines
    .map((line) =>
      line
        .map((cell, column) => align(cell, column, widths))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const NUMERIC_COLUMNS = new Set([2, 5, 6])

function align(cell: string | undefined, column: number, widths: readonly number[]): string {
  const width = widths[column] ?? 0
  return NUMERIC_COLUMNS.has(column) ? (cell ?? '').padStart(width) : (cell ?? '').padEnd(width)
}

function targetText({ target }: Row): string {
  if (target === undefined) return ''
  return 'atMost' in target ? `≤ ${target.atMost}` : `≥ ${target.atLeast}`
}

/** Three digits: more would only be noise. */
function figure(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3)
}

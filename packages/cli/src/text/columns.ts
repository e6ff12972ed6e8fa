/** Lays rows out in columns, the first left-aligned, the others right-aligned, two spaces apart. */
export function layColumns(rows: readonly (readonly string[])[], indent = '  '): string {
  const widths: number[] = []
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, [...cell].length)
  }
  const pad = (cell: string, index: number) => {
    const space = ' '.repeat((widths[index] ?? 0) - [...cell].length)
    return index === 0 ? cell + space : space + cell
  }
  return rows.map((row) => (indent + row.map(pad).join('  ')).trimEnd()).join('\n')
}

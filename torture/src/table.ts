import { isHeld, type Row, type Suffering } from './row.ts'

/** One line a row, columns aligned; what is wrong stands below its line. */
export function table(results: readonly { readonly row: Row; readonly suffering: Suffering }[]): string {
  const head = ['row', 'faults', 'done', 'acknowledged', 'lost', 'doubled', 'held']
  const lines = results.map(({ row, suffering }) => [
    row.name,
    row.faults.join(' '),
    suffering.done,
    suffering.acknowledged.toLocaleString('en-US'),
    suffering.lost.toLocaleString('en-US'),
    suffering.doubled.toLocaleString('en-US'),
    isHeld(suffering) ? 'held' : 'NOT HELD',
  ])
  const widths = head.map((title, column) =>
    Math.max(title.length, ...lines.map((line) => line[column]!.length)),
  )
  const align = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        column >= 3 && column <= 5 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join('  ')
      .trimEnd()
  return [
    align(head),
    ...lines.flatMap((line, index) => [
      align(line),
      ...results[index]!.suffering.wrong.map((sentence) => `    ${sentence}`),
    ]),
  ].join('\n')
}

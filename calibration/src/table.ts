import type { Bar, Measurement } from './row.ts'

const HEADINGS = ['claim', 'nominal', 'measured', '± error', 'bar', 'held', 'row'] as const
const NUMERIC = new Set<number>([1, 2, 3])

/** The rows as a text table, in the order given. */
export function table(measurements: readonly Measurement[]): string {
  return aligned([HEADINGS, ...measurements.map(cellsOf)], (column) => NUMERIC.has(column))
}

/** Lines of cells, in columns as wide as they need to be. */
export function aligned(
  lines: readonly (readonly string[])[],
  isNumeric: (column: number) => boolean,
): string {
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => [...line[column]!].length)))
  const align = (cell: string, column: number) =>
    isNumeric(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)
  return lines.map((line) => line.map(align).join('  ').trimEnd()).join('\n')
}

function cellsOf({ name, claim, nominal, measured, error, bar, isHeld }: Measurement): string[] {
  return [
    claim,
    nominal === undefined ? '' : figure(nominal),
    figure(measured),
    error === 0 ? 'exact' : figure(error),
    bar === undefined ? '' : barText(bar),
    heldText(isHeld),
    name,
  ]
}

/** Whether a bar is held, in words. */
export function heldText(isHeld: boolean | null): string {
  return { true: 'held', false: 'NOT HELD', null: 'shown' }[`${isHeld}`]
}

/** Where a number must lie. */
export function barText({ atLeast, atMost }: Bar): string {
  if (atLeast === undefined) return `≤ ${figure(atMost!)}`
  return atMost === undefined ? `≥ ${figure(atLeast)}` : `${figure(atLeast)} … ${figure(atMost)}`
}

/** Four digits behind the point, or four that count where that is more. */
export function figure(value: number): string {
  const size = Math.abs(value)
  if (size >= 1_000) return String(Math.round(value))
  if (size >= 10) return value.toFixed(2)
  if (size >= 1e-3 || size === 0) return value.toFixed(4)
  return value.toExponential(1)
}

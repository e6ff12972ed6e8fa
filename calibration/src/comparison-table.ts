import type { Measurement } from './row.ts'
import { aligned, barText, figure, heldText } from './table.ts'

/** The rows about several subjects: a line a claim, and a column a subject. The bar is of the first that has one. */
export function comparisonTable(measurements: readonly Measurement[]): string {
  const subjects = [...new Set(measurements.map(({ subject }) => subject!))]
  const themes = [...new Set(measurements.map(themeOf))]
  const lines = themes.map((theme) => {
    const compared = measurements.filter((each) => themeOf(each) === theme)
    const barred = compared.find(({ bar }) => bar !== undefined)
    return [
      compared[0]!.claim,
      ...subjects.map((subject) => cellOf(compared.find((each) => each.subject === subject))),
      barred?.bar === undefined ? '' : barText(barred.bar),
      heldText(barred?.isHeld ?? null),
      theme,
    ]
  })
  const headings = ['claim', ...subjects, 'bar', 'held', 'row']
  return aligned([headings, ...lines], (column) => column > 0 && column <= subjects.length)
}

/** The name without the subject. */
function themeOf({ name }: Measurement): string {
  return name.slice(0, name.lastIndexOf('/'))
}

function cellOf(measurement: Measurement | undefined): string {
  if (measurement === undefined) return ''
  const { measured, error } = measurement
  return error === 0 ? figure(measured) : `${figure(measured)} ± ${figure(error)}`
}

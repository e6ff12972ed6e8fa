import { show } from '../show.ts'
import type { Parts, Report } from './report.ts'

/** Findings which say that there is nothing to look at: no plan may pass over them. */
const ABSENCES = ['no-data', 'no-traffic', 'stale-data'] as const

export function checkChecks({ checks = {} }: Parts, report: Report): void {
  for (const code of ABSENCES) {
    if (checks[code] !== 'warn') continue
    const remedy = "Give 'hold' or 'abort'."
    report(`checks.${code}`, 'warn', 'That nothing was measured is no reason to go on.', remedy)
  }
}

export function checkInputs({ inputs = {} }: Parts, report: Report): void {
  for (const [feature, input] of Object.entries(inputs)) {
    if (input === undefined) continue
    const { type, edges, reference } = input
    const path = `inputs.${feature}`
    const isNumber = type === 'number'
    if (isNumber && edges === undefined) {
      report(
        `${path}.edges`,
        edges,
        'A number is counted by bins.',
        'Say where they meet, e.g. [10, 20, 50].',
      )
    }
    if (type === 'text' && edges !== undefined) {
      report(`${path}.edges`, edges, 'A text has no bins.', "Leave it out, or make the type 'number'.")
    }
    const falls = (edges ?? []).findIndex((edge, i) => i > 0 && !(edge! > edges![i - 1]!))
    if (falls !== -1) {
      report(`${path}.edges[${falls}]`, edges![falls], 'Edges rise.', 'Sort them, each once.')
    }
    if (reference === undefined) continue
    const isList = Array.isArray(reference)
    if (type !== undefined && isList !== isNumber) {
      const remedy = isNumber
        ? 'Give a list, a share for each bin.'
        : 'Give an object, a share for each value.'
      report(`${path}.reference`, reference, `These are not the shares of a ${type}.`, remedy)
      continue
    }
    if (isList && edges !== undefined && reference.length !== edges.length + 1) {
      const message = `${edges.length} edges make ${edges.length + 1} bins, and there are ${reference.length} shares.`
      report(`${path}.reference`, reference, message, 'Give a share for each bin, from the lowest.')
    }
    const shares = Object.values(reference) as number[]
    const sum = shares.reduce((total, share) => total + share, 0)
    if (Math.abs(sum - 1) > 1e-6) {
      report(
        `${path}.reference`,
        reference,
        `The shares add up to ${show(sum)}, not to 1.`,
        'Divide each by their sum.',
      )
    }
  }
}

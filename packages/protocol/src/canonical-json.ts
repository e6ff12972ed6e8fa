import { ExperimentError } from './error.ts'

/**
 * The one text of a value: keys sorted by UTF-16 code units, no white space, numbers and strings as
 * JSON.stringify writes them (RFC 8785). -0 is 0; a property that is undefined is left out.
 *
 * @throws ExperimentError `invalid-argument` at anything that JSON cannot hold: NaN, Infinity, a bigint,
 * a function, a hole or undefined in an array
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value)
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${Array.from(value, canonicalJson).join(',')}]`
  if (typeof value === 'object') {
    const fields = Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`)
    return `{${fields.join(',')}}`
  }
  throw new ExperimentError(
    'invalid-argument',
    `${typeof value === 'number' ? value : `A ${typeof value}`} has no place in JSON.`,
    'Give plain data: objects, arrays, strings, finite numbers, booleans, null.',
  )
}

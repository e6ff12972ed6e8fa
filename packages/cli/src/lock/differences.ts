import type { JsonValue } from '@fairtrial/protocol'

/** More of them say no more. */
const MOST = 10

/** The first places in which two documents differ, a sentence each. */
export function differencesOf(before: JsonValue, after: JsonValue): readonly string[] {
  const found: string[] = []
  compare(before, after, '', found)
  return found
}

function compare(before: JsonValue | undefined, after: JsonValue | undefined, path: string, found: string[]) {
  if (found.length >= MOST || Object.is(before, after)) return
  if (isContainer(before) && isContainer(after) && Array.isArray(before) === Array.isArray(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const at = (value: object) => (value as { readonly [key: string]: JsonValue })[key]
      const step = Array.isArray(before) ? `[${key}]` : `${path === '' ? '' : '.'}${key}`
      compare(at(before), at(after), `${path}${step}`, found)
    }
    return
  }
  found.push(`${path} was ${shown(before)}, and is ${shown(after)}.`)
}

function isContainer(
  value: JsonValue | undefined,
): value is Exclude<JsonValue, string | number | boolean | null> {
  return typeof value === 'object' && value !== null
}

function shown(value: JsonValue | undefined): string {
  if (value === undefined) return 'not there'
  const text = JSON.stringify(value)
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`
}

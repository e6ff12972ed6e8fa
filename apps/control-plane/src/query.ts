import { Refused } from './refused.ts'

/** A whole number of the query, or `otherwise` where it is not there. */
export function wholeOf(
  query: URLSearchParams,
  name: string,
  options: { readonly minimum: number; readonly maximum: number; readonly otherwise: number },
): number {
  const text = query.get(name)
  if (text === null) return options.otherwise
  const value = Number(text)
  if (/^\d{1,15}$/.test(text) && value >= options.minimum && value <= options.maximum) return value
  throw invalidQuery(name, `Give a whole number from ${options.minimum} to ${options.maximum}.`)
}

/** A text of the query, null where it is not there or empty. */
export function textOf(query: URLSearchParams, name: string, maximumLength = 200): string | null {
  const text = query.get(name)
  if (text === null || text === '') return null
  if (text.length <= maximumLength) return text
  throw invalidQuery(name, `Give at most ${maximumLength} characters.`)
}

function invalidQuery(name: string, remedy: string): Refused {
  return new Refused(400, 'invalid-argument', `${name} of the query cannot be used.`, { remedy })
}

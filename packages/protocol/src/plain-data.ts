import type { Problem } from './error.ts'
import type { JsonValue } from './json.ts'
import { child } from './path.ts'

/** Deeper or larger data is a cycle, a bomb of aliases or an attack. */
const DEEPEST = 64
const LARGEST = 100_000

/**
 * A copy of what is plain in a value; what is not is told as problems and left out. Undefined properties
 * vanish, -0 becomes 0, and the name `__proto__` never gets through. Of data that is too large, nothing is left.
 */
export function plainData(value: unknown): { data: JsonValue; problems: readonly Problem[] } {
  const found: Found = { problems: [], values: 0, isTooDeep: false }
  const data = copy(value, '', 0, found)
  return { data: found.values > LARGEST || data === undefined ? null : data, problems: found.problems }
}

interface Found {
  readonly problems: Problem[]
  /** How many have been looked at. */
  values: number
  isTooDeep: boolean
}

function copy(value: unknown, path: string, depth: number, found: Found): JsonValue | undefined {
  const refuse = (message: string, remedy: string): undefined => {
    found.problems.push({ path, value, message, remedy })
  }
  found.values += 1
  if (found.values > LARGEST) {
    // Said once, as depth is: what follows is left out too.
    if (found.values > LARGEST + 1) return undefined
    return refuse(
      `Here the definition passes ${LARGEST} values.`,
      'Look for a cycle, or keep the data elsewhere.',
    )
  }
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value === 0 ? 0 : value
    return refuse(`${value} is not a number that can be written down.`, 'Give a finite number.')
  }
  if (typeof value !== 'object') {
    return refuse(
      `Is of type ${typeof value}, which no data is.`,
      'Give what JSON can hold: a definition is plain data.',
    )
  }
  if (depth > DEEPEST) {
    if (found.isTooDeep) return undefined
    found.isTooDeep = true
    return refuse(`Lies more than ${DEEPEST} levels deep.`, 'Flatten it, and look for a cycle.')
  }
  if (Array.isArray(value)) {
    return Array.from(value, (item, index) => copy(item, child(path, index), depth + 1, found) ?? null)
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    return refuse('Is an instance of a class.', 'Give a plain object: a definition is data.')
  }
  const data: { [name: string]: JsonValue } = {}
  for (const [name, field] of Object.entries(value)) {
    if (name === '__proto__') {
      found.problems.push({
        path: child(path, name),
        value: name,
        message: 'Is a name that would change what the object is.',
        remedy: 'Choose another name.',
      })
    } else if (field !== undefined) {
      const plain = copy(field, child(path, name), depth + 1, found)
      if (plain !== undefined) data[name] = plain
    }
  }
  return data
}

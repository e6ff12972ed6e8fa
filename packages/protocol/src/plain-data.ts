import type { Problem } from './error.ts'
import type { JsonValue } from './json.ts'
import { child } from './path.ts'

/** Deeper data is a cycle or an attack. */
const DEEPEST = 64

/**
 * A copy of what is plain in a value; what is not is told as problems and left out. Undefined properties
 * vanish, -0 becomes 0, and the name `__proto__` never gets through.
 */
export function plainData(value: unknown): { data: JsonValue; problems: readonly Problem[] } {
  const problems: Problem[] = []
  return { data: copy(value, '', 0, problems) ?? null, problems }
}

function copy(value: unknown, path: string, depth: number, problems: Problem[]): JsonValue | undefined {
  const refuse = (message: string, remedy: string): undefined => {
    problems.push({ path, value, message, remedy })
  }
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value === 0 ? 0 : value
    return refuse(`${value} is not a number that can be written down.`, 'Give a finite number.')
  }
  if (typeof value !== 'object') {
    return refuse(`A ${typeof value} is not data.`, 'Give what JSON can hold: a definition is plain data.')
  }
  if (depth > DEEPEST) {
    return refuse(`Lies more than ${DEEPEST} levels deep.`, 'Flatten it, and look for a cycle.')
  }
  if (Array.isArray(value)) {
    return Array.from(value, (item, index) => copy(item, child(path, index), depth + 1, problems) ?? null)
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    return refuse('Is an instance of a class.', 'Give a plain object: a definition is data.')
  }
  const data: { [name: string]: JsonValue } = {}
  for (const [name, field] of Object.entries(value)) {
    if (name === '__proto__') {
      problems.push({
        path: child(path, name),
        value: name,
        message: 'Is a name that would change what the object is.',
        remedy: 'Choose another name.',
      })
    } else if (field !== undefined) {
      const plain = copy(field, child(path, name), depth + 1, problems)
      if (plain !== undefined) data[name] = plain
    }
  }
  return data
}

import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** The folder of the built console; null where the package is not installed. */
export function findConsole(): string | null {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('@fairtrial/console/package.json')), 'dist')
  } catch {
    return null
  }
}

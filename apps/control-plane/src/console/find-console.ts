import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the built console; null where the package is not installed. */
export function findConsole(): string | null {
  try {
    return join(dirname(fileURLToPath(import.meta.resolve('@fairtrial/console/package.json'))), 'dist')
  } catch {
    return null
  }
}

import { openSync, readFileSync, writeSync } from 'node:fs'

/**
 * Keeps which units were acknowledged, in a file that outlives the process: a line is written only after the promise
 * has been kept, so that what stands here was promised, and what is missing may have been.
 */
export function acknowledgedFile(path: string): { note(unitId: string): void } {
  const file = openSync(path, 'a')
  let lines = ''
  return {
    note(unitId) {
      if (lines === '') setImmediate(write)
      lines += `${unitId}\n`
    },
  }

  function write(): void {
    writeSync(file, lines)
    lines = ''
  }
}

/** All units that were acknowledged; a last line that is torn was not. */
export function readAcknowledged(path: string): Set<string> {
  return new Set(readFileSync(path, 'utf8').split('\n').slice(0, -1))
}

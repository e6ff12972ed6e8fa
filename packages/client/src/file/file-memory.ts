import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ExperimentError } from '@fairtrial/protocol/error'
import { refuseNoText } from '../refusals.ts'
import type { SnapshotMemory } from '../source.ts'
import { readJsonFile } from './json-file.ts'

/**
 * Keeps the last good snapshot in a file, so that a service that restarts while its control plane is away knows
 * what it knew. A lease that has ended meanwhile has lapsed. One file an instance.
 *
 * @throws ExperimentError `invalid-argument` for no path
 */
export function fileMemory(path: string): SnapshotMemory {
  refuseNoText('The path of fileMemory', path, 'Give a file of this instance alone; it need not be there.')
  const draft = `${path}.${process.pid}.tmp`
  return {
    async recall() {
      try {
        return (await readJsonFile(path, null)).content
      } catch (error) {
        if (isMissing((error as ExperimentError).cause)) return null
        throw error
      }
    },
    async keep(snapshot) {
      try {
        await mkdir(dirname(path), { recursive: true })
        await writeSynced(draft, `${JSON.stringify(snapshot)}\n`)
        await rename(draft, path)
      } catch (cause) {
        await rm(draft, { force: true }).catch(() => undefined)
        throw new ExperimentError(
          'io',
          `The last good state cannot be kept in ${path}: ${(cause as Error).message}.`,
          'See that this process may write there, and that there is room.',
          { cause },
        )
      }
    },
  }
}

/** On disk before it gets its name: a power cut must not leave the name with nothing behind it. */
async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'w')
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

function isMissing(cause: unknown): boolean {
  return (cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT'
}

import { createHash, randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ExperimentError } from '@fairtrial/protocol/error'
import { refuseNoText } from '../refusals.ts'
import type { StickyStore } from '../sticky/sticky-store.ts'

/**
 * Remembers in a directory, one small file a unit, for the processes of one machine. A value appears under its name
 * whole or not at all. It keeps everything: delete the directory when the trial has ended.
 *
 * @throws ExperimentError `invalid-argument` for no directory
 */
export function fileStickyStore({ directory }: { readonly directory: string }): StickyStore {
  const remedy = 'Give one of this trial; it need not be there.'
  refuseNoText('fileStickyStore.directory', directory, remedy)
  const pathOf = (key: string) => join(directory, `${createHash('sha256').update(key).digest('hex')}.json`)
  return {
    async read(key) {
      try {
        return await readFile(pathOf(key), 'utf8')
      } catch (cause) {
        if (codeOf(cause) === 'ENOENT') return null
        throw unusable(directory, 'read', cause)
      }
    },
    async write(key, value, { onlyIfAbsent }) {
      const path = pathOf(key)
      const draft = `${path}.${randomUUID()}.draft`
      try {
        await mkdir(directory, { recursive: true })
        await writeFile(draft, value)
        if (onlyIfAbsent) return await isLinked(draft, path)
        await rename(draft, path)
        return true
      } catch (cause) {
        throw unusable(directory, 'written', cause)
      } finally {
        await rm(draft, { force: true }).catch(() => undefined)
      }
    },
  }
}

/** In one step, and not where the name is taken. */
async function isLinked(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path)
    return true
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return false
    throw cause
  }
}

function codeOf(cause: unknown): string | undefined {
  return (cause as NodeJS.ErrnoException).code
}

function unusable(directory: string, what: string, cause: unknown): ExperimentError {
  return new ExperimentError(
    'io',
    `A remembered arm in ${directory} cannot be ${what}: ${codeOf(cause) ?? String(cause)}.`,
    'See that this process may read and write there, and that there is room.',
    { cause },
  )
}

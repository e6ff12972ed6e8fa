import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ExperimentError } from '@fairtrial/protocol'

/** A small JSON file of the data directory; null where there is none. */
export async function readKept(path: string): Promise<unknown> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw damaged(path, cause)
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw damaged(path, cause)
  }
}

/** Written whole under another name, then renamed: nobody reads half of it, whenever the process ends. */
export async function writeKept(path: string, value: unknown): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const draft = `${path}.${randomUUID()}.draft`
  const file = await open(draft, 'wx')
  try {
    await file.writeFile(`${JSON.stringify(value, null, 2)}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, path)
}

function damaged(path: string, cause: unknown): ExperimentError {
  return new ExperimentError(
    'invalid-state',
    `${path} cannot be read: ${(cause as Error).message}.`,
    'Restore the data directory.',
    { cause },
  )
}

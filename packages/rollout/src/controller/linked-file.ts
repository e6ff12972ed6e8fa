import { randomUUID } from 'node:crypto'
import { link, mkdir, open, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ExperimentError } from '@fairtrial/protocol'

/**
 * Writes a file that is not there yet, whole or not at all, and durable: written under another name, fsynced, and then
 * *linked* to its own, which is atomic and fails where the name is taken.
 *
 * @returns false where the file exists already
 */
export async function writeNew(folder: string, name: string, text: string): Promise<boolean> {
  const path = join(folder, name)
  const draft = `${path}.${randomUUID()}.draft`
  try {
    const isFirst = (await mkdir(folder, { recursive: true })) !== undefined
    if (isFirst) await syncDirectory(dirname(folder))
    await writeSynced(draft, text)
    await link(draft, path)
    await syncDirectory(folder)
    return true
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return false
    throw new ExperimentError(
      'io',
      `${path} could not be written: ${(cause as Error).message}.`,
      remedyFor(codeOf(cause)),
      { cause },
    )
  } finally {
    // On a full disk above all: what is left over would keep it full.
    await unlink(draft).catch(() => undefined)
  }
}

function remedyFor(code: string | undefined): string {
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
    return 'Make space. Until then no state changes, an abort neither; nothing was left half written.'
  }
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') {
    return 'Let this user write there, on a file system that is not read-only. Until then no state changes, an abort neither.'
  }
  return 'Look for space and permissions, on a local file system that has hard links.'
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx')
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Makes the new name itself durable. Windows cannot open a directory, and does not need to. */
async function syncDirectory(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}

import { readFile, stat } from 'node:fs/promises'
import { EvaluationLock, ExperimentError } from '@fairtrial/protocol'
import { writeDocument } from '../document-file.ts'

/**
 * Before the analysis is made: a lock is what somebody relies on, so that none is overwritten.
 *
 * @throws ExperimentError `invalid-argument` where there is a file already
 */
export async function refuseTaken(path: string): Promise<void> {
  const found = await stat(path).catch(() => null)
  if (found !== null) throw taken(path)
}

/** @throws ExperimentError `invalid-argument` where there is a file already, `io` where it cannot be written */
export async function writeLock(path: string, lock: EvaluationLock): Promise<void> {
  try {
    await writeDocument(path, lock, { isNew: true })
  } catch (error) {
    const { cause } = error as { readonly cause?: NodeJS.ErrnoException }
    throw cause?.code === 'EEXIST' ? taken(path) : error
  }
}

/** @throws ExperimentError `invalid-argument` for a file that cannot be read, or holds something else */
export async function readLock(path: string): Promise<EvaluationLock> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw new ExperimentError(
      'invalid-argument',
      `${path} cannot be read: ${(cause as Error).message}.`,
      'Check the path.',
      { cause },
    )
  }
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    // Told below.
  }
  const lock = EvaluationLock.safeParse(document)
  if (lock.success) return lock.data
  throw new ExperimentError(
    'invalid-argument',
    `${path} holds no lock.`,
    'Give the file that `fairtrial analyze … --lock FILE` wrote.',
  )
}

function taken(path: string): ExperimentError {
  return new ExperimentError(
    'invalid-argument',
    `--lock ${path} is there already.`,
    'Verify it with `fairtrial verify`, or give the new analysis a lock of its own.',
  )
}

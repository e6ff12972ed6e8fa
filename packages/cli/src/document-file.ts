import { link, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { ExperimentError } from '@fairtrial/protocol'

/**
 * Writes a document that an option names, whole or not at all: beside what is there, which stays until the new one is on
 * the disk.
 *
 * @param options.isNew takes the place of nothing
 * @throws ExperimentError `io` where it cannot be written
 */
export async function writeDocument(
  path: string,
  document: object,
  {
    isNew = false,
    otherwise = '',
  }: {
    readonly isNew?: boolean
    /** What that comes to, as a sentence. */
    readonly otherwise?: string
  } = {},
): Promise<void> {
  const text = `${JSON.stringify(document, null, 2)}\n`
  try {
    const before = await stat(path).catch(() => null)
    // A pipe or a device is written to, not replaced.
    if (before !== null && !before.isFile()) return await writeFile(path, text)
    const place = before === null ? path : await realpath(path)
    const draft = `${place}.${process.pid}.draft`
    try {
      await writeFile(draft, text, { flush: true, ...(before !== null && { mode: before.mode }) })
      await (isNew ? link : rename)(draft, place)
    } finally {
      await rm(draft, { force: true })
    }
  } catch (cause) {
    throw new ExperimentError(
      'io',
      `${path} cannot be written: ${(cause as Error).message}.${otherwise && ` ${otherwise}`}`,
      'See to space and permissions.',
      { cause },
    )
  }
}

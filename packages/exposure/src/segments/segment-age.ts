import type { FileHandle } from 'node:fs/promises'

/** When a file was made, epoch milliseconds; where the file system does not know, when it was last written to. */
export async function birthOf(file: FileHandle): Promise<number> {
  const { birthtimeMs, mtimeMs } = await file.stat()
  return birthtimeMs || mtimeMs
}

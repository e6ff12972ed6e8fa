import { open, realpath } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'

/** A file of the console as it is answered. */
export interface ConsoleFile {
  readonly content: Uint8Array
  readonly contentType: string
}

/** What may lie in there. Anything else is not answered, whoever put it there. */
const CONTENT_TYPES: { readonly [extension: string]: string } = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
}

const MAXIMUM_BYTES = 16 * 1024 * 1024

/** A name that leads nowhere else: no separator, no escape, no leading dot. */
const NAME = /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,199}$/

/** What was read, by its path. One copy serves every reader, those who do not read it too. */
export type KeptFiles = Map<string, ConsoleFile & { readonly version: string }>

/**
 * Reads one file of a folder; null for what is not there, is no plain file, or lies elsewhere by a link.
 *
 * @param names of the folders down to the file, and its own, as they stand in the path: nothing is decoded
 * @param kept is answered from where the file is still the same
 */
export async function readConsoleFile(
  root: string,
  names: readonly string[],
  kept: KeptFiles,
): Promise<ConsoleFile | null> {
  const contentType = CONTENT_TYPES[extname(names.at(-1) ?? '')]
  if (contentType === undefined || !names.every((name) => NAME.test(name))) return null
  try {
    const [realRoot, path] = await Promise.all([realpath(root), realpath(join(root, ...names))])
    if (!path.startsWith(realRoot + sep)) return null
    const file = await open(path, 'r')
    try {
      const { size, mtimeMs } = await file.stat()
      if (size > MAXIMUM_BYTES) return null
      const version = `${size} bytes of ${mtimeMs}`
      const known = kept.get(path)
      if (known?.version === version) return known
      const read = { content: await file.readFile(), contentType, version }
      kept.set(path, read)
      return read
    } finally {
      await file.close()
    }
  } catch {
    return null
  }
}

import { open } from 'node:fs/promises'

/** A line of a file, and where it stands. */
export interface WholeLine {
  /** Without its line feed. */
  readonly bytes: Uint8Array
  readonly offset: number
}

const LINE_FEED = 0x0a
const CHUNK_BYTES = 1 << 20

/**
 * Reads a file line by line, in bounded memory but for the longest line. What stands behind the last line feed is no
 * line: whoever wrote it was interrupted. A file that is not there has none.
 */
export async function* wholeLines(path: string): AsyncGenerator<WholeLine> {
  const file = await open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return null
    throw cause
  })
  if (file === null) return
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
    let rest: Buffer = Buffer.alloc(0)
    let offset = 0
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, offset + rest.length)
      if (bytesRead === 0) return
      const bytes = Buffer.concat([rest, chunk.subarray(0, bytesRead)])
      let start = 0
      for (let end; (end = bytes.indexOf(LINE_FEED, start)) >= 0; start = end + 1) {
        yield { bytes: bytes.subarray(start, end), offset: offset + start }
      }
      rest = bytes.subarray(start)
      offset += start
    }
  } finally {
    await file.close()
  }
}

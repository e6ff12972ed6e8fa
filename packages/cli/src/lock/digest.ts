import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { StoredRecord } from '@fairtrial/exposure/kafka'

/** SHA-256 of the first bytes of a file, and how many there were. Rejects where it cannot be read. */
export async function digestFile(
  path: string,
  upTo: number,
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const hash = createHash('sha256')
  let bytes = 0
  if (upTo > 0) {
    for await (const chunk of createReadStream(path, { end: upTo - 1 }) as AsyncIterable<Buffer>) {
      hash.update(chunk)
      bytes += chunk.length
    }
  }
  return { bytes, sha256: hash.digest('hex') }
}

/** SHA-256 of a text in UTF-8. */
export function digestText(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** SHA-256 of the records of a partition, which come one by one, by offset; `LockedInput` says of what. */
export class RecordsDigest {
  readonly #hash = createHash('sha256')
  /** Timestamp of the last one. */
  lastAt: number | undefined

  add({ offset, timestamp, key, value }: StoredRecord): void {
    this.#hash.update(`${offset} ${timestamp} ${key?.length ?? -1} ${value?.length ?? -1}\n`)
    for (const bytes of [key, value]) if (bytes !== null) this.#hash.update(bytes)
    this.lastAt = timestamp
  }

  /** Of those so far. */
  sha256(): string {
    return this.#hash.copy().digest('hex')
  }
}

import { join } from 'node:path'
import type { EventBatch, Rejection } from '../sink.ts'
import { type SpoolFiles, writeWhole } from './spool-files.ts'

/** A line that the sink refused for good, as it stands in `rejected.ndjson`. */
export interface DeadLetter {
  /** Epoch milliseconds. */
  readonly rejectedAt: number
  readonly code: string
  readonly detail: string
  /** The event as it was sent. */
  readonly line: string
}

/** Where a spool keeps what the sink refused for good, a line of JSON each: see `DeadLetter`. */
export const DEAD_LETTERS = 'rejected.ndjson'
/** What was in it when it was last full. */
const OLDER_DEAD_LETTERS = 'rejected.1.ndjson'

const LINE_FEED = 0x0a

/** Keeps what was refused beside the spool: the latest `maximumBytes` at least, twice as much at most. */
export class DeadLetters {
  readonly #files: SpoolFiles
  readonly #directory: string
  readonly #maximumBytes: number

  constructor(files: SpoolFiles, directory: string, maximumBytes: number) {
    this.#files = files
    this.#directory = directory
    this.#maximumBytes = maximumBytes
  }

  async add(
    batch: EventBatch,
    rejected: readonly Rejection[],
    rejectedAt: number,
    isSynced: boolean,
  ): Promise<void> {
    const letters = rejected.map(({ line, code, detail }): DeadLetter => {
      return { rejectedAt, code, detail, line: lineOf(batch, line) }
    })
    const bytes = Buffer.from(letters.map((letter) => `${JSON.stringify(letter)}\n`).join(''))
    const path = join(this.#directory, DEAD_LETTERS)
    let file = await this.#files.open(path, this.#files.READ_WRITE_CREATE)
    try {
      let { size } = await file.stat()
      if (size > 0 && size + bytes.length > this.#maximumBytes) {
        await file.close()
        await this.#files.rename(path, join(this.#directory, OLDER_DEAD_LETTERS))
        file = await this.#files.open(path, this.#files.READ_WRITE_CREATE)
        size = 0
      }
      await writeWhole(file, bytes, size)
      if (isSynced) await file.datasync()
    } finally {
      await file.close()
    }
  }
}

function lineOf({ content }: EventBatch, line: number): string {
  let start = 0
  for (let before = 1; before < line; before++) start = content.indexOf(LINE_FEED, start) + 1
  return new TextDecoder().decode(content.subarray(start, content.indexOf(LINE_FEED, start)))
}

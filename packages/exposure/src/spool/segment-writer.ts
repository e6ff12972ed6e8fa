import { type OpenFile, type SpoolFiles, writeWhole } from './spool-files.ts'
import { type Segment, segmentOf } from './spool-segment.ts'

export interface SegmentWriterPorts {
  readonly files: SpoolFiles
  readonly directory: string
  /** Whether a record is on disk before it counts as written. */
  readonly isSynced: boolean
  /** Otherwise so long after it; undefined for never. */
  readonly syncAfterMs: number | undefined
  /** A record that would make a segment larger goes into the next. */
  readonly maximumBytes: number
  readonly lastNumber: number
  /** Nothing more is written to this one. */
  readonly onFull: (segment: Segment) => void
}

/** Writes records to the end of the last segment, and begins the next. */
export class SegmentWriter {
  readonly #ports: SegmentWriterPorts
  #active: { readonly segment: Segment; readonly file: OpenFile } | undefined
  #lastNumber: number
  #syncTimer: NodeJS.Timeout | undefined
  #syncFailure: Error | undefined

  constructor(ports: SegmentWriterPorts) {
    this.#ports = ports
    this.#lastNumber = ports.lastNumber
  }

  get segment(): Segment | undefined {
    return this.#active?.segment
  }

  /** Where it rejects, the record is not there. */
  async write(record: Uint8Array): Promise<{ segment: Segment; offset: number; length: number }> {
    if (this.#syncFailure !== undefined) {
      const failure = this.#syncFailure
      this.#syncFailure = undefined
      await this.#leave()
      throw failure
    }
    const { maximumBytes, isSynced } = this.#ports
    if (this.#active !== undefined && this.#active.segment.bytes + record.length > maximumBytes) {
      await this.#syncActive()
      await this.#leave()
    }
    this.#active ??= await this.#begin()
    const { segment, file } = this.#active
    const offset = segment.bytes
    try {
      await writeWhole(file, record, offset)
    } catch (cause) {
      // A full disk gets free only by segments that are settled and that nothing more is written to.
      const isCut = await file.truncate(offset).then(
        () => true,
        () => false,
      )
      if (offset > 0 || !isCut) await this.#leave()
      throw cause
    }
    try {
      if (isSynced) await file.datasync()
    } catch (cause) {
      // A disk that fails at this may have lost pages that it still shows: nothing more is written behind them.
      await file.truncate(offset).catch(() => undefined)
      await this.#leave()
      throw cause
    }
    segment.bytes += record.length
    this.#syncLater()
    return { segment, offset, length: record.length }
  }

  async close(): Promise<void> {
    clearTimeout(this.#syncTimer)
    try {
      await this.#syncActive()
    } finally {
      await this.#leave()
    }
  }

  async #begin(): Promise<{ segment: Segment; file: OpenFile }> {
    const { files, directory, isSynced } = this.#ports
    const segment = segmentOf(directory, this.#lastNumber + 1)
    const file = await files.open(segment.path, 'wx+')
    this.#lastNumber = segment.number
    try {
      // A file is only there after a power cut if its directory was synced too.
      if (isSynced) await syncDirectory(files, directory)
      return { segment, file }
    } catch (cause) {
      await file.close()
      throw cause
    }
  }

  async #leave(): Promise<void> {
    const active = this.#active
    this.#active = undefined
    if (active === undefined) return
    this.#ports.onFull(active.segment)
    await active.file.close().catch(() => undefined)
  }

  async #syncActive(): Promise<void> {
    const { isSynced, syncAfterMs } = this.#ports
    if (isSynced || syncAfterMs !== undefined) await this.#active?.file.datasync()
  }

  #syncLater(): void {
    const { syncAfterMs } = this.#ports
    if (syncAfterMs === undefined) return
    this.#syncTimer ??= setTimeout(() => {
      this.#syncTimer = undefined
      this.#active?.file.datasync().catch((cause: Error) => {
        this.#syncFailure = cause
      })
    }, syncAfterMs).unref()
  }
}

async function syncDirectory(files: SpoolFiles, directory: string): Promise<void> {
  const file = await files.open(directory, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

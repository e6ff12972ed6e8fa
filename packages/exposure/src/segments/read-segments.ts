import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { LogEvent, RemovedNumbers } from '@fairtrial/protocol'
import { ExperimentError } from '@fairtrial/protocol/error'
import { limitsOf } from '../limits.ts'
import { refuseNoText } from '../refusals.ts'
import { isLogEvent } from './log-event.ts'
import { readRemoved, RETENTION_RECORD } from './retention-record.ts'
import { SEGMENT_SUFFIX } from './segment-name.ts'

/** How far a log has been read: plain data, to be stored with whatever was made of it. */
export interface SegmentCursor {
  /** By file name, the bytes that have been read: always whole lines. The record of what retention took is one of them. */
  readonly files: { readonly [name: string]: number }
}

/** Where a log begins. */
export const START: SegmentCursor = { files: {} }

/** What a line was that is no event. */
export interface UnreadableLine {
  readonly file: string
  /** Byte at which the line begins. */
  readonly offset: number
}

/** What one read of the log found, and from where the next one goes on. */
export interface SegmentRead {
  /** File by file in the order of their names, line by line. */
  readonly events: readonly LogEvent[]
  readonly cursor: SegmentCursor
  /** Bytes taken from disk: what stands behind the old cursor, and nothing before it. */
  readonly bytesRead: number
  readonly unreadable: {
    readonly count: number
    /** The first ten. */
    readonly samples: readonly UnreadableLine[]
  }
  /** What retention has taken from among the segments, as far as the old cursor has not been told. */
  readonly removed: readonly RemovedNumbers[]
  /** There is more to read at once: `maximumBytes` was reached. */
  readonly more: boolean
}

/** The bounds of one read. */
export interface ReadOptions {
  /** Stop after about this many bytes, so that a long log is read in bounded memory. Default 64,000,000. */
  readonly maximumBytes?: number
  /** Reads no further than this, so that a log that has grown since is read as it was. Default: to the end. */
  readonly until?: SegmentCursor
}

/**
 * Reads what has come into a directory of segments since the cursor. A last line that is not complete is left
 * for the next time; a directory that is not there is an empty log; a line that is no event is counted.
 * Rejects `io` where a file is shorter than what has been read of it, `invalid-argument` for no directory at all.
 */
export async function readSegments(
  directory: string,
  cursor: SegmentCursor = START,
  { until, ...limits }: ReadOptions = {},
): Promise<SegmentRead> {
  refuseNoDirectory(directory)
  const { maximumBytes } = limitsOf('readSegments', limits, { maximumBytes: 64_000_000 }, ['maximumBytes'])
  const reading = new Reading(maximumBytes)
  const files: { [name: string]: number } = {}
  for (const name of await segmentsOf(directory)) {
    const path = join(directory, name)
    const from = cursor.files[name] ?? 0
    const size = await sizeOf(path)
    // Retention may take a segment between the list and the look: then it is no part of the log any more.
    if (size === null) continue
    if (size < from) throw shrunken(path, size, from)
    const end = until === undefined ? size : Math.min(size, until.files[name] ?? 0)
    const readTo = end > from ? await reading.readFile(path, name, from, end).catch(nullIfGone) : from
    if (readTo !== null) files[name] = readTo
  }
  // Behind the segments: what was not there any more had been recorded before it went.
  const known = cursor.files[RETENTION_RECORD] ?? 0
  const record = await readRemoved(directory, known, until ? (until.files[RETENTION_RECORD] ?? 0) : Infinity)
  for (const offset of record.unreadable) reading.noteUnreadable(RETENTION_RECORD, () => offset)
  if (record.readTo > 0) files[RETENTION_RECORD] = record.readTo
  const { events, bytesRead, more, unreadable, samples } = reading
  const { removed } = record
  return { events, cursor: { files }, bytesRead, unreadable: { count: unreadable, samples }, removed, more }
}

/** A directory that is not there is an empty log; one that is not named would be one for ever. */
export function refuseNoDirectory(directory: unknown): void {
  refuseNoText('The directory of segments', directory, 'Give the one that a segmentSink writes to.')
}

/** The names of the segments, in order; none where the directory is not there. */
export async function segmentsOf(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).filter((name) => name.endsWith(SEGMENT_SUFFIX)).toSorted()
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw cause
  }
}

async function sizeOf(path: string): Promise<number | null> {
  const found = await stat(path).catch(nullIfGone)
  return found === null ? null : found.size
}

function nullIfGone(cause: NodeJS.ErrnoException): null {
  if (cause.code === 'ENOENT') return null
  throw cause
}

function shrunken(path: string, size: number, from: number): ExperimentError {
  return new ExperimentError(
    'io',
    `${path} is ${size} bytes long, but ${from} of it have been read: it was replaced or cut.`,
    'Segments only grow. Find out who changed it, then read the log again from an empty cursor.',
  )
}

const CHUNK = 1_000_000
const LINE_FEED = 0x0a
const MAXIMUM_SAMPLES = 10

class Reading {
  readonly events: LogEvent[] = []
  bytesRead = 0
  unreadable = 0
  readonly samples: UnreadableLine[] = []
  more = false
  readonly #maximumBytes: number
  #buffer = Buffer.allocUnsafeSlow(CHUNK)

  constructor(maximumBytes: number) {
    this.#maximumBytes = maximumBytes
  }

  /** @returns how far the file is read now */
  async readFile(path: string, name: string, from: number, size: number): Promise<number> {
    if (this.#isFull()) return from
    const file = await open(path, 'r')
    try {
      return await this.#readLines(file, name, from, size)
    } finally {
      await file.close()
    }
  }

  async #readLines(file: FileHandle, name: string, from: number, size: number): Promise<number> {
    let offset = from
    // Bytes of a line that has begun, carried to the front of the buffer: none is read twice.
    let carried = 0
    while (offset + carried < size && !this.#isFull()) {
      if (carried === this.#buffer.length) this.#buffer = Buffer.concat([this.#buffer], 2 * carried)
      const buffer = this.#buffer
      const wanted = Math.min(buffer.length - carried, size - offset - carried)
      const { bytesRead } = await file.read(buffer, carried, wanted, offset + carried)
      if (bytesRead === 0) break
      this.bytesRead += bytesRead
      const filled = carried + bytesRead
      const end = buffer.subarray(0, filled).lastIndexOf(LINE_FEED) + 1
      if (end > 0) {
        this.#parse(buffer.subarray(0, end), name, offset)
        buffer.copyWithin(0, end, filled)
      }
      offset += end
      carried = filled - end
    }
    return offset
  }

  noteUnreadable(file: string, offsetOf: () => number): void {
    this.unreadable++
    if (this.samples.length < MAXIMUM_SAMPLES) this.samples.push({ file, offset: offsetOf() })
  }

  /** Asked only where there is something left to read. */
  #isFull(): boolean {
    this.more = this.bytesRead >= this.#maximumBytes
    return this.more
  }

  /** Decodes the chunk once and cuts the text: that is much cheaper than to decode each line. */
  #parse(chunk: Buffer, file: string, offset: number): void {
    const text = chunk.toString()
    let lineNumber = 0
    for (let start = 0; start < text.length; lineNumber++) {
      const end = text.indexOf('\n', start)
      const event = end > start ? parseEvent(text.slice(start, end)) : undefined
      if (event !== undefined) this.events.push(event)
      else this.noteUnreadable(file, () => offset + startOfLine(chunk, lineNumber))
      start = end + 1
    }
  }
}

function parseEvent(line: string): LogEvent | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return isLogEvent(value) ? value : undefined
  } catch {
    return undefined
  }
}

function startOfLine(chunk: Buffer, lineNumber: number): number {
  let start = 0
  for (let line = 0; line < lineNumber; line++) start = chunk.indexOf(LINE_FEED, start) + 1
  return start
}

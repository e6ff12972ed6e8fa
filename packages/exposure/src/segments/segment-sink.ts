import { type FileHandle, mkdir, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ExperimentError } from '@fairtrial/protocol/error'
import { limitsOf } from '../limits.ts'
import { sinkClosed } from '../memory-sink.ts'
import { refuse, refuseNoText, refuseOther } from '../refusals.ts'
import type { EventBatch, Sink } from '../sink.ts'
import { birthOf } from './segment-age.ts'
import { segmentName, segmentNumber } from './segment-name.ts'
import { cutTornTail } from './torn-tail.ts'

/** Where segments are written, under which name, and how safely. */
export interface SegmentSinkOptions {
  /** Made when it is not there. Several producers may share it, each writing files of its own. */
  readonly directory: string
  /**
   * Names this writer's files: letters, digits, `.`, `_`, `-`. At most one process at a time may write under
   * a name; one that starts again under it continues its last file.
   */
  readonly producerId: string
  /** A batch that would make a file larger goes into the next. Default 64,000,000. */
  readonly maximumSegmentBytes?: number
  /**
   * A batch that comes when a file is so old goes into the next, so that what is old can go file by file
   * (`segmentRetention`). Default: a file is filled, however long that takes.
   */
  readonly maximumSegmentAgeMs?: number
  /**
   * When the disk is made to have it: `always`, before a batch counts as delivered; `interval`, a second
   * after a write at the latest; `never`, when the operating system likes. A process that dies loses
   * nothing delivered under any of them; a machine that loses power loses what was not synced. Default `interval`.
   */
  readonly sync?: 'always' | 'interval' | 'never'
  /** Epoch milliseconds, for the age of a file. Default: Date.now. */
  readonly now?: () => number
}

const SYNC_INTERVAL_MS = 1_000

/**
 * Appends batches to NDJSON files of bounded size. Opens nothing before the first batch.
 *
 * @throws ExperimentError `invalid-argument` for options that no file can be written by
 */
export function segmentSink(options: SegmentSinkOptions): Sink {
  const { directory, producerId, sync = 'interval', now = Date.now } = options
  refuseNoText(
    'segmentSink.directory',
    directory,
    'Give the directory that the log is in; it need not be there.',
  )
  if (typeof producerId !== 'string' || !/^[\w.-]{1,128}$/.test(producerId)) {
    const remedy = 'Files are named after it: use 1 to 128 letters, digits, dots, underscores and hyphens.'
    refuse('segmentSink.producerId', JSON.stringify(producerId), remedy)
  }
  refuseOther('segmentSink.sync', sync, ['always', 'interval', 'never'])
  const { maximumSegmentBytes, maximumSegmentAgeMs } = limitsOf(
    'segmentSink',
    { maximumSegmentBytes: options.maximumSegmentBytes, maximumSegmentAgeMs: options.maximumSegmentAgeMs },
    { maximumSegmentBytes: 64_000_000, maximumSegmentAgeMs: Infinity },
    ['maximumSegmentBytes', 'maximumSegmentAgeMs'],
  )
  let segment: Segment | undefined
  let syncTimer: NodeJS.Timeout | undefined
  let syncFailure: Error | undefined
  let closed = false
  let queue = Promise.resolve<unknown>(undefined)

  async function append({ content }: EventBatch): Promise<void> {
    if (closed) throw sinkClosed('segment')
    try {
      if (syncFailure !== undefined) throw syncFailure
      segment ??= await openLast(directory, producerId)
      const isFull = segment.size + content.length > maximumSegmentBytes
      if (segment.size > 0 && (isFull || now() - segment.bornAt >= maximumSegmentAgeMs)) {
        const { number } = segment
        await release()
        segment = await openSegment(directory, producerId, number + 1)
      }
      await segment.file.appendFile(content)
      segment.size += content.length
      if (sync === 'always') await segment.file.datasync()
    } catch (cause) {
      // Who knows how much of it was written: opening the file again cuts what is torn.
      syncFailure = undefined
      await release().catch(() => undefined)
      throw new ExperimentError(
        'io',
        `The segment of ${producerId} in ${directory} could not be written: ${(cause as Error).message}.`,
        'Look for space and permissions; the batch is tried again.',
        { cause },
      )
    }
    if (sync === 'interval') syncTimer ??= setTimeout(syncLater, SYNC_INTERVAL_MS).unref()
  }

  function syncLater(): void {
    syncTimer = undefined
    inTurn(async () => segment?.file.datasync()).catch((cause: Error) => {
      syncFailure = cause
    })
  }

  async function release(): Promise<void> {
    const file = segment?.file
    segment = undefined
    if (file === undefined) return
    try {
      if (sync !== 'never') await file.datasync()
    } finally {
      await file.close()
    }
  }

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = queue.then(work)
    queue = result.catch(() => undefined)
    return result
  }

  return {
    deliver: async (batch) => {
      await inTurn(() => append(batch))
      return { rejected: [] }
    },
    close: async () => {
      closed = true
      clearTimeout(syncTimer)
      await inTurn(release)
    },
  }
}

interface Segment {
  readonly file: FileHandle
  readonly number: number
  /** Epoch milliseconds. */
  readonly bornAt: number
  size: number
}

async function openLast(directory: string, producerId: string): Promise<Segment> {
  await mkdir(directory, { recursive: true })
  const numbers = (await readdir(directory)).map((name) => segmentNumber(producerId, name) ?? 0)
  return openSegment(directory, producerId, Math.max(1, ...numbers))
}

async function openSegment(directory: string, producerId: string, number: number): Promise<Segment> {
  const file = await open(join(directory, segmentName(producerId, number)), 'a+')
  try {
    return { file, number, size: await cutTornTail(file), bornAt: await birthOf(file) }
  } catch (cause) {
    await file.close()
    throw cause
  }
}

import type { LogEvent, RemovedNumbers } from '@fairtrial/protocol'
import { readSegments, refuseNoDirectory, type SegmentCursor } from './read-segments.ts'

/** What has come into a log since a cursor, as a controller asks for it. */
export interface LogPortion {
  readonly events: readonly LogEvent[]
  readonly cursor: SegmentCursor
  readonly bytesRead: number
  readonly unreadableLines: number
  /** What retention has taken, as far as the cursor has not been told: it is not lost. */
  readonly removed: readonly RemovedNumbers[]
  readonly more: boolean
}

/**
 * A directory of segments as the log of a controller: `createController({ log: segmentLog(directory), … })`.
 *
 * @throws ExperimentError `invalid-argument` for no directory at all
 * @returns a reader whose `readFrom(null)` begins at the beginning
 */
export function segmentLog(directory: string): {
  readFrom(cursor: SegmentCursor | null): Promise<LogPortion>
} {
  refuseNoDirectory(directory)
  return {
    async readFrom(cursor) {
      const { unreadable, ...read } = await readSegments(directory, cursor ?? undefined)
      return { ...read, unreadableLines: unreadable.count }
    },
  }
}

import type { LogEvent, RemovedNumbers } from '@fairtrial/protocol'
import type { Incomplete } from '../half-a-log.ts'

/** What has come into the log since a cursor. */
export interface LogBatch<Cursor = unknown> {
  readonly events: readonly LogEvent[]
  /** Where to read on: plain data, understood by the log alone. */
  readonly cursor: Cursor
  /** Bytes taken from the log: those behind the cursor, and none before it. */
  readonly bytesRead: number
  /** Lines of this batch that are no event. */
  readonly unreadableLines: number
  /** Whether there is more to read at once. Default false. */
  readonly more?: boolean
  /**
   * What is known not to have come in yet. The portion is folded and looked at: harm is judged by what cannot be an artefact
   * of half a log, nothing advances, and no look is taken. Default: nothing.
   */
  readonly incomplete?: Incomplete
  /**
   * What retention has taken. Told with the first portion of a reading from the beginning, and of what has gone since
   * perhaps later: whoever has read further has seen it. Default: nothing.
   */
  readonly removed?: readonly RemovedNumbers[]
}

/** The log as the controller needs it: read forwards, each byte once. */
export interface EventLog<Cursor = unknown> {
  /** Reads on from a cursor; null reads from the beginning. Rejects when the log cannot be read. */
  readFrom(cursor: Cursor | null): Promise<LogBatch<Cursor>>
}

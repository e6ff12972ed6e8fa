import { ExperimentError } from '@fairtrial/protocol'
import type { LogEvent, RemovedNumbers } from '@fairtrial/protocol'
import { parseLogEvent } from '@fairtrial/protocol/parse-event'
import type { EventLog } from '../controller/event-log.ts'
import type { Database } from './database.ts'

/** Events in PostgreSQL, for any number of replicas: whoever reads, reads all of them, in one order. */
export interface PostgresEventLog extends EventLog<number> {
  /**
   * Appends a batch, all of it or nothing. Stored once it resolves, to the database's `synchronous_commit`; where it rejects,
   * it may be stored all the same, and readers collapse events by their ids.
   *
   * @param batch NDJSON in UTF-8: `count` lines, each ended by a line feed
   */
  append(batch: { readonly content: Uint8Array; readonly count: number }): Promise<void>
  /** Rejects where nothing could be appended now. */
  checkWritable(): Promise<void>
  /**
   * Drops what stands before a cursor: at once for all who read, who go on behind it. It is deleted by portions then; where
   * that is cut off, `sweep` goes on.
   *
   * @param removed of each producer the highest number that goes: readers are told
   * @returns how many events that were
   */
  dropBefore(cursor: number, removed: readonly RemovedNumbers[]): Promise<number>
  /**
   * Deletes what was dropped and still stands in the table.
   *
   * @returns how many events that were
   */
  sweep(): Promise<number>
}

/** How the events of a table are read. */
export interface PostgresEventLogOptions {
  /** What counts as an event, of a line that is JSON. Default: what the schema says. */
  readonly isEvent?: (value: unknown) => value is LogEvent
  /** A portion is about so long, and a batch more at most. Default 8,000,000. */
  readonly maximumBytes?: number
}

/** Of small batches, so many are a portion. */
const MAXIMUM_BATCHES = 1_000
/** Cursors whose batches are remembered. A process has a few readers, each of which has one. */
const MAXIMUM_CURSORS = 10_000

/**
 * The events of all replicas, in one table. A batch is a row. Its position is taken from a row that stays locked until the
 * commit: no reader ever sees a position before all those below it.
 *
 * Positions alone do not tell a database that has lost its tail, and grown again since: another batch stands then where
 * one was read. Of each cursor that it has given, a log remembers when the batch there was received, to the microsecond,
 * and reads nothing any more once another is there.
 */
export function postgresEventLog(
  { query, schema }: Database,
  { isEvent = isValid, maximumBytes = 8_000_000 }: PostgresEventLogOptions = {},
): PostgresEventLog {
  /** By cursor, the one that was given last at the end. */
  const receivedAt = new Map<number, string>()

  let isAnother: ExperimentError | null = null

  function remember(cursor: number, batch: string): void {
    const before = receivedAt.get(cursor)
    if (before !== undefined && before !== batch) throw (isAnother = regrown(cursor))
    receivedAt.delete(cursor)
    receivedAt.set(cursor, batch)
    const [oldest] = receivedAt.keys()
    if (receivedAt.size > MAXIMUM_CURSORS && oldest !== undefined) receivedAt.delete(oldest)
  }

  return {
    async append({ content, count }) {
      if (content.at(-1) !== LINE_FEED) throw unended()
      await query(
        `WITH taken AS (UPDATE ${schema}.events_end SET position = position + 1 RETURNING position)
         INSERT INTO ${schema}.events (position, lines, bytes, count) SELECT position, $1, $2, $3 FROM taken`,
        // Bytes are sent as they are.
        [content, content.length, count],
      )
    },
    async checkWritable() {
      // Locks the row and changes nothing: that, too, is refused where nothing can be written.
      await query(`SELECT FROM ${schema}.events_end FOR NO KEY UPDATE SKIP LOCKED`)
    },
    async readFrom(cursor) {
      if (isAnother !== null) throw isAnother
      const from = cursor ?? 0
      const rows = await query(
        `SELECT whole.position AS last, begun.position AS begin, portion.position, portion.lines, portion.bytes, portion.batch,
           (SELECT extract(epoch FROM received_at)::text FROM ${schema}.events WHERE position = $1) AS batch_read
         FROM ${schema}.events_end AS whole CROSS JOIN ${schema}.events_begin AS begun LEFT JOIN (
           SELECT position, lines, bytes, extract(epoch FROM received_at)::text AS batch,
             sum(bytes) OVER (ORDER BY position) - bytes AS before
           FROM (
             SELECT position, lines, bytes, received_at FROM ${schema}.events
             WHERE position > greatest($1, (SELECT position FROM ${schema}.events_begin)) ORDER BY position LIMIT $2
           ) AS next
         ) AS portion ON portion.before < $3
         ORDER BY portion.position`,
        [from, MAXIMUM_BATCHES, maximumBytes],
      )
      const last = Number(rows[0]?.['last'])
      // Only a database that was restored, or one that had not yet copied what was committed, ends before what was read.
      if (!(last >= from)) throw shrunken(from, last)
      // Null where the batch has been dropped since. The cursor of another process is taken as it is.
      const batchRead = rows[0]?.['batch_read']
      if (typeof batchRead === 'string') remember(from, batchRead)
      const batches = rows.filter(({ position }) => position !== null)
      const lines = batches.flatMap((row) => String(row['lines']).split('\n').slice(0, -1))
      const events = lines.map((line) => eventIn(line, isEvent)).filter((event) => event !== null)
      const newest = batches.at(-1)
      const begin = Number(rows[0]?.['begin'])
      const position = Number(newest?.['position'] ?? Math.max(from, begin))
      if (newest !== undefined) remember(position, String(newest['batch']))
      return {
        events,
        cursor: position,
        bytesRead: batches.reduce((sum, { bytes }) => sum + Number(bytes), 0),
        unreadableLines: lines.length - events.length,
        more: batches.length > 0 && position < last,
        // Behind the events: what this reader has not met is told of, and what goes meanwhile as well.
        ...(from < begin && { removed: await readRemoved() }),
      }
    },
    async dropBefore(cursor, removed) {
      const upTo = new Map<string, number>()
      for (const { producerId, upTo: number } of removed) {
        const producer = JSON.stringify(producerId)
        if (Number.isSafeInteger(number) && number >= 1)
          upTo.set(producer, Math.max(number, upTo.get(producer) ?? 0))
      }
      // At once, for whoever reads: half of what goes would look like loss.
      await query(
        `WITH cut AS (
           UPDATE ${schema}.events_begin
           SET position = greatest(position, least($1, (SELECT position FROM ${schema}.events_end)))
         )
         INSERT INTO ${schema}.events_removed AS known (producer, up_to)
         SELECT * FROM unnest($2::text[], $3::bigint[])
         ON CONFLICT (producer) DO UPDATE SET up_to = greatest(known.up_to, excluded.up_to)`,
        [cursor, [...upTo.keys()], [...upTo.values()]],
      )
      return await sweep()
    },
    sweep,
  }

  async function readRemoved(): Promise<readonly RemovedNumbers[]> {
    const rows = await query(`SELECT producer, up_to FROM ${schema}.events_removed`)
    return rows.map((row) => ({
      producerId: JSON.parse(String(row['producer'])) as string,
      upTo: Number(row['up_to']),
    }))
  }

  async function sweep(): Promise<number> {
    for (let sum = 0; ; ) {
      // By portions, each of which is quick enough for a statement.
      const [row] = await query(
        `WITH dropped AS (
           DELETE FROM ${schema}.events WHERE position IN (
             SELECT position FROM ${schema}.events
             WHERE position <= (SELECT position FROM ${schema}.events_begin) ORDER BY position LIMIT $1
           ) RETURNING count
         )
         SELECT count(*) AS batches, coalesce(sum(count), 0) AS events FROM dropped`,
        [MAXIMUM_BATCHES],
      )
      sum += Number(row?.['events'])
      if (Number(row?.['batches']) < MAXIMUM_BATCHES) return sum
    }
  }
}

const isValid = (value: unknown): value is LogEvent => parseLogEvent(value).ok

function eventIn(line: string, isEvent: (value: unknown) => value is LogEvent): LogEvent | null {
  try {
    const value: unknown = JSON.parse(line)
    return isEvent(value) ? value : null
  } catch {
    return null
  }
}

const LINE_FEED = 0x0a

function unended(): ExperimentError {
  return new ExperimentError(
    'invalid-argument',
    'The last line of the batch has no line feed.',
    'End each line with one.',
  )
}

function shrunken(from: number, last: number): ExperimentError {
  return new ExperimentError(
    'io',
    `The events in PostgreSQL end at ${last}, but ${from} were read: it is not the database that it was.`,
    START_ANEW,
  )
}

function regrown(from: number): ExperimentError {
  return new ExperimentError(
    'io',
    `The events in PostgreSQL have another batch at ${from} than the one that was read: it is not the database that it was.`,
    START_ANEW,
  )
}

const START_ANEW =
  'Find out who restored it, or which copy of it took over. Then start anew whatever reads it: it reads from the beginning.'

import { kafkaLog, kafkajsLibrary, topicsOf } from '@fairtrial/exposure/kafka'
import { segmentLog } from '@fairtrial/exposure/segments'
import type { LogEvent, RemovedNumbers } from '@fairtrial/protocol'
import { requireDirectory } from './log-directory.ts'

/** Where a log is: in a directory of segments, or in topics. */
export type LogPlace = SegmentsPlace | TopicsPlace

interface SegmentsPlace {
  readonly log: string
}

export interface TopicsPlace {
  /** Addresses of brokers. */
  readonly kafka: readonly string[]
  /** Of `PREFIX.exposures.v1` and the others. Default `fairtrial`. */
  readonly topicPrefix?: string
}

/** What was read of a log at a time. */
export interface ReadPortion {
  readonly events: readonly LogEvent[]
  readonly unreadableLines: number
  /** What retention has taken from it. */
  readonly removed?: readonly RemovedNumbers[]
  /** There is more to read at once. */
  readonly more: boolean
}

/** A log that is read on and on. */
export interface LogReader {
  /** What has come since the last time; at first, all from the beginning. */
  readOn(): Promise<ReadPortion>
  close(): Promise<void>
}

/** Opens a log. Rejects where there is no such directory; where there are no such topics, reading rejects. */
export async function openLog(place: LogPlace): Promise<LogReader> {
  if ('log' in place) {
    await requireDirectory(place.log)
    return readerOf({ ...segmentLog(place.log), close: async () => undefined })
  }
  const library = kafkajsLibrary({ brokers: place.kafka, clientId: 'fairtrial-cli' })
  return readerOf(kafkaLog({ library, topics: topicsOf(place.topicPrefix ?? 'fairtrial') }))
}

/** Reads a log from its beginning to its end, in pieces of bounded size. */
export async function* readPlace(place: LogPlace): AsyncGenerator<ReadPortion> {
  const reader = await openLog(place)
  try {
    for (let more = true; more; ) {
      const portion = await reader.readOn()
      yield portion
      more = portion.more
    }
  } finally {
    await reader.close()
  }
}

function readerOf<Cursor>(log: {
  readFrom(cursor: Cursor | null): Promise<ReadPortion & { readonly cursor: Cursor }>
  close(): Promise<void>
}): LogReader {
  let cursor: Cursor | null = null
  return {
    async readOn() {
      const portion = await log.readFrom(cursor)
      cursor = portion.cursor
      return portion
    },
    close: () => log.close(),
  }
}

import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { EventBatch } from '@fairtrial/exposure'
import { segmentLog, segmentSink } from '@fairtrial/exposure/segments'
import type { EventLog } from '@fairtrial/rollout/controller'
import type { PostgresEventLog } from '@fairtrial/rollout/postgres'
import { joinLogs } from './join-logs.ts'
import { shareReads } from './share-reads.ts'

/** Where events go that are sent here, and where all of them are read. */
export interface PlaneLog {
  readonly events: EventLog
  /** Stored once it resolves; where it rejects, the batch is to be sent again. */
  append(batch: EventBatch): Promise<void>
  /** Rejects where nothing can be appended. */
  checkWritable(): Promise<void>
  close(): Promise<void>
}

/**
 * @param options.table of all replicas, where there are several. Default: segments in the data directory, which are read in
 *   any case: it may have had a life without replicas
 * @param options.landed what else is read
 */
export function openPlaneLog(options: {
  /** The data directory. */
  readonly directory: string
  readonly table?: PostgresEventLog
  readonly landed?: EventLog
  /** How long a file of segments is written to, so that the old can go file by file. Default: until it is full. */
  readonly maximumSegmentAgeMs?: number
}): PlaneLog {
  const { table, landed, maximumSegmentAgeMs } = options
  const directory = join(options.directory, 'log')
  const own = segmentLog(directory)
  const events = shareReads(joinLogs([own, table, landed].filter((log) => log !== undefined)))
  if (table !== undefined) {
    const { append, checkWritable } = table
    return { events, append, checkWritable, close: async () => undefined }
  }
  const sink = segmentSink({
    directory,
    producerId: 'control-plane',
    ...(maximumSegmentAgeMs !== undefined && { maximumSegmentAgeMs }),
  })
  return {
    events,
    append: async (batch) => void (await sink.deliver(batch)),
    checkWritable: () => probe(directory),
    close: () => sink.close(),
  }
}

/** Permissions tell nothing of a full disk: something is written. */
async function probe(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true })
  const path = join(directory, `ready.${process.pid}.probe`)
  try {
    const file = await open(path, 'w')
    try {
      await file.writeFile('written\n')
    } finally {
      await file.close()
    }
  } finally {
    await rm(path, { force: true })
  }
}

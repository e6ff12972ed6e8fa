import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RemovedNumbers } from '@fairtrial/protocol'
import type { SegmentFacts } from './segment-facts.ts'
import { cutTornTail } from './torn-tail.ts'

/** Beside the segments: what has been removed from among them, a line each. Not a segment, by its name. */
const RETENTION_RECORD = 'retention.jsonl'

/** A segment that has gone by retention. Names no unit. */
export interface RemovedSegment
  extends Pick<
    SegmentFacts,
    'name' | 'bytes' | 'sha256' | 'events' | 'unreadable' | 'firstAt' | 'lastAt' | 'experiments'
  > {
  readonly schema: 'fairtrial.removed/1'
  /** Of each producer the highest number that went. Records of before this was kept lack it. */
  readonly producers?: SegmentFacts['producers']
  /** When, epoch milliseconds. */
  readonly removedAt: number
  /** Who let it go. */
  readonly by: string
  /** The retention, milliseconds. */
  readonly olderThanMs: number
}

/**
 * What has gone from a directory of segments by retention, the first that went first: of each segment its name, size,
 * digest, times and counts. One that still stands there was about to go when its process died: the next run ends it.
 */
export async function readRetentionRecord(directory: string): Promise<readonly RemovedSegment[]> {
  const path = join(directory, RETENTION_RECORD)
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return ''
    throw cause
  })
  // The last line of a process that died is not complete, and what it tells of was not removed.
  return text.split('\n').slice(0, -1).flatMap(removedIn)
}

function removedIn(line: string): RemovedSegment[] {
  try {
    const removed = JSON.parse(line) as RemovedSegment
    return removed.schema === 'fairtrial.removed/1' && typeof removed.name === 'string' ? [removed] : []
  } catch {
    return []
  }
}

/** Of each producer the highest number that went, as readers of the log are told. */
export function removedNumbers(
  removed: Iterable<Pick<RemovedSegment, 'producers'>>,
): readonly RemovedNumbers[] {
  const highest = new Map<string, number>()
  for (const { producers = {} } of removed) {
    for (const [producerId, upTo] of Object.entries(producers)) {
      highest.set(producerId, Math.max(upTo, highest.get(producerId) ?? 0))
    }
  }
  return [...highest].map(([producerId, upTo]) => ({ producerId, upTo }))
}

/** Durable once it resolves, the name of the file too. */
export async function appendRemoved(directory: string, removed: readonly RemovedSegment[]): Promise<void> {
  const file = await open(join(directory, RETENTION_RECORD), 'a+')
  try {
    await cutTornTail(file)
    await file.appendFile(removed.map((each) => `${JSON.stringify(each)}\n`).join(''))
    await file.datasync()
  } finally {
    await file.close()
  }
  await syncDirectory(directory)
}

/** Makes the disk have which files there are. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

import { open, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { RemovedNumbers } from '@fairtrial/protocol'
import type { SegmentFacts } from './segment-facts.ts'
import { cutTornTail } from './torn-tail.ts'

/** Beside the segments: what has been removed from among them, a line each. Not a segment, by its name. */
export const RETENTION_RECORD = 'retention.jsonl'

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
  return linesOf(text).flatMap((line) => removedIn(line) ?? [])
}

/** What a stretch of the record tells. */
interface RecordStretch {
  readonly removed: readonly RemovedNumbers[]
  /** The bytes that have been read: always whole lines. */
  readonly readTo: number
  /** Bytes at which a line begins that tells of no segment: of what went nobody knows. */
  readonly unreadable: readonly number[]
}

/**
 * Reads on in the record, as one reads on in a segment. One that has become shorter is read anew: of what went, to be told
 * twice is nothing.
 *
 * @param upTo bytes: reads no further
 */
export async function readRemoved(directory: string, from: number, upTo: number): Promise<RecordStretch> {
  const path = join(directory, RETENTION_RECORD)
  const size = await stat(path).then(({ size }) => Math.min(size, upTo), zeroIfGone)
  if (size === 0 || size === from) return { removed: [], readTo: size, unreadable: [] }
  const bytes = (await readFile(path)).subarray(0, size)
  const begin = size < from ? 0 : from
  const removed: RemovedSegment[] = []
  const unreadable: number[] = []
  let readTo = begin
  for (const line of linesOf(bytes.toString('utf8', begin))) {
    const found = removedIn(line)
    if (found === null) unreadable.push(readTo)
    else removed.push(found)
    readTo += Buffer.byteLength(line) + 1
  }
  return { removed: removedNumbers(removed), readTo, unreadable }
}

/** The last line of a process that died is not complete, and what it tells of was not removed. */
function linesOf(text: string): readonly string[] {
  return text.split('\n').slice(0, -1)
}

function removedIn(line: string): RemovedSegment | null {
  try {
    const removed = JSON.parse(line) as RemovedSegment
    return removed.schema === 'fairtrial.removed/1' && typeof removed.name === 'string' ? removed : null
  } catch {
    return null
  }
}

function zeroIfGone(cause: NodeJS.ErrnoException): number {
  if (cause.code === 'ENOENT') return 0
  throw cause
}

/** Of each producer the highest number that went, as readers of the log are told. */
export function removedNumbers(
  removed: Iterable<Pick<RemovedSegment, 'producers'>>,
): readonly RemovedNumbers[] {
  const highest = new Map<string, number>()
  for (const { producers } of removed) {
    for (const [producerId, upTo] of Object.entries(producers ?? {})) {
      if (!Number.isSafeInteger(upTo)) continue
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

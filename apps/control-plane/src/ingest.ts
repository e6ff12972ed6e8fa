import { hash } from 'node:crypto'
import { type EventBatch, type EventKind, keyOf, kindOf } from '@fairtrial/exposure'
import { parseLogEvent } from '@fairtrial/protocol'
import { isDeep } from './http.ts'
import { createRecentIds } from './recent-ids.ts'
import { Refused } from './refused.ts'

/** Lines of one batch; more is a client that does not batch but dumps. */
const MAXIMUM_LINES = 10_000

/** A batch that has waited so long for the log is refused: whoever sent it has stopped waiting, and sends it again. */
const PATIENCE_MS = 5_000
/** What may wait for the log, bytes: as long as it does not answer, this is all that is kept in memory. */
const MAXIMUM_WAITING = 64 * 1024 * 1024

/** Recent events remembered to tell a retry from news; those before them are told apart by readers, by event id. */
const RECENT_EVENTS = 200_000

/** What became of a batch. `accepted + duplicates + rejected.length` is the number of its lines, blank ones apart. */
export interface IngestAnswer {
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: readonly RejectedLine[]
}

/** A line that was not taken, and why. */
export interface RejectedLine {
  /** From 1. */
  readonly line: number
  readonly code: string
  readonly detail: string
}

/**
 * Takes a batch of events in: each line is checked against its schema, stamped with the time it was received,
 * and appended once. Resolves when they are in the log; rejects when they are not, and the batch may be sent again.
 *
 * @param kind the only one that is taken; null takes all
 */
export type Ingest = (body: Uint8Array, kind?: EventKind | null) => Promise<IngestAnswer>

/** Lines so far. */
export interface IngestCounts {
  readonly accepted: number
  readonly duplicate: number
  readonly rejected: number
}

/**
 * One batch at a time, so that a batch that is sent again while its first copy is still being written finds it
 * known, and counts as duplicates.
 */
export function createIngest(options: {
  readonly append: (batch: EventBatch) => Promise<void>
  readonly now: () => number
}): { readonly ingest: Ingest; counts(): IngestCounts } {
  const recent = createRecentIds(RECENT_EVENTS)
  const counts = { accepted: 0, duplicate: 0, rejected: 0 }
  let turn: Promise<unknown> = Promise.resolve()
  let waiting = 0

  async function take(lines: readonly Line[], wanted: EventKind | null): Promise<IngestAnswer> {
    const receivedAt = options.now()
    const fresh = new Map<string, WrittenEvent>()
    const rejected: RejectedLine[] = []
    let duplicates = 0
    for (const { number, bytes } of lines) {
      const read = readEvent(bytes, receivedAt)
      if ('code' in read) rejected.push({ line: number, ...read })
      else if (wanted !== null && read.kind !== wanted)
        rejected.push({ line: number, ...otherKind(read.kind, wanted) })
      else if (recent.has(read.id) || fresh.has(read.id)) duplicates += 1
      else fresh.set(read.id, read)
    }
    if (fresh.size > 0) await options.append(batchOf([...fresh.values()]))
    // Only what is in the log is known: a failed append must let the batch through when it comes again.
    for (const id of fresh.keys()) recent.add(id)
    counts.accepted += fresh.size
    counts.duplicate += duplicates
    counts.rejected += rejected.length
    return { accepted: fresh.size, duplicates, rejected }
  }

  return {
    async ingest(body, kind = null) {
      const lines = linesOf(body)
      if (waiting + body.length > MAXIMUM_WAITING) throw logBusy()
      waiting += body.length
      const askedAt = options.now()
      const answer = turn.then(() => {
        if (options.now() - askedAt > PATIENCE_MS) throw logBusy()
        return take(lines, kind)
      })
      turn = answer
        .catch(() => undefined)
        .finally(() => {
          waiting -= body.length
        })
      return answer
    },
    counts: () => ({ ...counts }),
  }
}

function logBusy(): Refused {
  return new Refused(503, 'log-busy', 'Too much waits for the log, or has waited for too long.', {
    remedy: 'Send the batch again later. Where this lasts, see what holds the disk or the database up.',
  })
}

interface Line {
  readonly number: number
  readonly bytes: Uint8Array
}

function linesOf(body: Uint8Array): Line[] {
  const lines: Line[] = []
  for (let start = 0, number = 1; start < body.length; number++) {
    const found = body.indexOf(0x0a, start)
    const end = found === -1 ? body.length : found
    const bytes = body.subarray(start, end)
    if (bytes.some((byte) => byte !== 0x20 && byte !== 0x0d)) lines.push({ number, bytes })
    if (lines.length > MAXIMUM_LINES) {
      throw new Refused(413, 'too-many-lines', `The batch has more than ${MAXIMUM_LINES} lines.`, {
        remedy: 'Send smaller batches.',
      })
    }
    start = end + 1
  }
  return lines
}

/** Strict, for what is replaced by � would be counted as another unit. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** An event as it goes to the log. */
interface WrittenEvent {
  /** Of the line as it was sent. Its number would not do: whoever may send could use up another's, and the real event were dropped. */
  readonly id: string
  readonly text: string
  readonly kind: EventKind
  readonly key: string
}

/** Written here, too: a line that can be read and not written must cost no more than itself. */
function readEvent(bytes: Uint8Array, receivedAt: number): WrittenEvent | Omit<RejectedLine, 'line'> {
  if (isDeep(bytes)) return { code: 'invalid-event', detail: 'nested too deeply' }
  try {
    const parsed = parseLogEvent(JSON.parse(utf8.decode(bytes)))
    if (!parsed.ok) return { code: parsed.code, detail: parsed.detail }
    const { event } = parsed
    return {
      id: hash('sha256', bytes, 'base64'),
      text: `${JSON.stringify({ ...event, receivedAt })}\n`,
      kind: kindOf(event),
      key: keyOf(event),
    }
  } catch (error) {
    return { code: 'invalid-event', detail: reasonOf(error) }
  }
}

function otherKind(kind: EventKind, wanted: EventKind): Omit<RejectedLine, 'line'> {
  return { code: 'invalid-event', detail: `is ${aOr(kind)}, and this route takes ${wanted}s only` }
}

const aOr = (kind: EventKind) => `${kind === 'summary' ? 'a' : 'an'} ${kind}`

function batchOf(events: readonly WrittenEvent[]): EventBatch {
  return {
    content: new TextEncoder().encode(events.map(({ text }) => text).join('')),
    count: events.length,
    kinds: events.map(({ kind }) => kind),
    unitIds: events.map(({ key }) => key),
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof SyntaxError) return `not JSON: ${error.message}`
  return error instanceof RangeError ? 'nested too deeply' : 'not UTF-8'
}

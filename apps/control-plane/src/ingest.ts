import { type LogEvent, parseLogEvent } from '@fairtrial/protocol'
import { Refused } from './http.ts'

/** Lines of one batch; more is a client that does not batch but dumps. */
const MAXIMUM_LINES = 10_000

/** Recent event ids kept to tell a retry from news; beyond them the fold's own ids take over. */
const RECENT_EVENTS = 200_000

/** What became of a batch, line by line. `accepted + duplicates + rejected.length` is the number of lines. */
export interface IngestAnswer {
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: readonly RejectedLine[]
}

export interface RejectedLine {
  /** From 1. */
  readonly line: number
  readonly code: string
  readonly detail: string
}

/** Appends events to the log; resolves when they are on disk. */
export type AppendEvents = (events: readonly LogEvent[]) => Promise<void>

/**
 * Takes batches of events in: each line is checked against its schema, stamped with the time it was
 * received, and appended once. A batch that is sent again, because its answer was lost, counts as duplicates.
 */
export function createIngest(options: { append: AppendEvents; now: () => number }) {
  const recent = createRecentIds(RECENT_EVENTS)

  return async function ingest(body: string): Promise<IngestAnswer> {
    const lines = body.split('\n').filter((line) => line.trim() !== '')
    if (lines.length > MAXIMUM_LINES) {
      throw new Refused(
        413,
        'too-many-lines',
        `The batch has ${lines.length} lines; at most ${MAXIMUM_LINES} are taken.`,
        'Send smaller batches.',
      )
    }
    const receivedAt = options.now()
    const fresh: LogEvent[] = []
    const ids = new Set<string>()
    const rejected: RejectedLine[] = []
    let duplicates = 0
    for (const [index, line] of lines.entries()) {
      const parsed = parseLine(line)
      if (!parsed.ok) {
        rejected.push({ line: index + 1, code: parsed.code, detail: parsed.detail })
        continue
      }
      const id = `${parsed.event.producerId}\n${parsed.event.sequence}`
      if (recent.has(id) || ids.has(id)) {
        duplicates += 1
        continue
      }
      ids.add(id)
      fresh.push({ ...parsed.event, receivedAt })
    }
    if (fresh.length > 0) await options.append(fresh)
    // Only what is on disk is known: a failed append must let the retry through.
    for (const id of ids) recent.add(id)
    return { accepted: fresh.length, duplicates, rejected }
  }
}

function parseLine(line: string): ReturnType<typeof parseLogEvent> {
  try {
    return parseLogEvent(JSON.parse(line))
  } catch (error) {
    return { ok: false, code: 'invalid-event', detail: `not JSON: ${(error as Error).message}` }
  }
}

/** A bounded memory in two generations: the older is dropped whole when the younger is full. */
function createRecentIds(capacity: number) {
  let younger = new Set<string>()
  let older = new Set<string>()
  return {
    has: (id: string) => younger.has(id) || older.has(id),
    add(id: string) {
      younger.add(id)
      if (younger.size < capacity / 2) return
      older = younger
      younger = new Set()
    },
  }
}

import type { LogEvent, RemovedNumbers } from '@fairtrial/protocol'
import { type LogPlace, readPlace } from '../log-place.ts'

/** An event, and when it was there to be read. */
interface Recorded {
  /** Epoch milliseconds. */
  readonly at: number
  readonly event: LogEvent
}

/** All of a log, in the order in which it came in. */
export interface Recording {
  readonly events: readonly Recorded[]
  /** How many tell when they were received; of the others, it is when they happened, by the producer's clock. */
  readonly received: number
  readonly unreadableLines: number
  /** What retention has taken. */
  readonly removed: readonly RemovedNumbers[]
}

/** Reads all of a log into memory: it lies there by files, and came in by time. */
export async function readRecording(place: LogPlace): Promise<Recording> {
  const events: Recorded[] = []
  let received = 0
  let unreadableLines = 0
  const removed: RemovedNumbers[] = []
  for await (const portion of readPlace(place)) {
    unreadableLines += portion.unreadableLines
    removed.push(...(portion.removed ?? []))
    for (const event of portion.events) {
      if (event.receivedAt !== undefined) received++
      events.push({ at: event.receivedAt ?? happenedAt(event), event })
    }
  }
  return { events: events.toSorted((a, b) => a.at - b.at), received, unreadableLines, removed }
}

function happenedAt(event: LogEvent): number {
  if (event.schema === 'fairtrial.exposure/1') return event.exposedAt
  if (event.schema === 'fairtrial.outcome/1') return event.occurredAt
  return event.schema === 'fairtrial.measurement/1' ? event.until : event.reportedAt
}

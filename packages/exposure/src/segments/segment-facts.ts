import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { LogEvent } from '@fairtrial/protocol'
import { isLogEvent } from './log-event.ts'

/** What stands in one segment, as far as it decides whether it may go. */
export interface SegmentFacts {
  readonly name: string
  readonly bytes: number
  /** Of all of its bytes, 64 hex digits. */
  readonly sha256: string
  readonly events: number
  readonly unreadable: number
  /** Epoch milliseconds of the oldest and the youngest event, see `timeOf`; null without events. */
  readonly firstAt: number | null
  readonly lastAt: number | null
  /** The latest time of receipt; where no event has one, that of its producer. */
  readonly receivedUpTo: number | null
  /** Exposures and measurements by experiment; of one that reports only tell of, 0. */
  readonly experiments: { readonly [key: string]: number }
  /** The highest number of each producer. */
  readonly producers: { readonly [producerId: string]: number }
}

/** Clocks that are kept in step differ by seconds. */
const MAXIMUM_AHEAD_MS = 5 * 60_000

/**
 * When an event is from: by its producer's clock or by its receiver's, whichever is later, for one that was never set
 * must not make it old. What a producer dates into the future is not believed where there is a receiver.
 *
 * @param now epoch milliseconds
 */
function timeOf(event: LogEvent, now: number): number {
  const own = producedAt(event)
  const { receivedAt } = event
  if (receivedAt === undefined) return own
  return own > now + MAXIMUM_AHEAD_MS ? receivedAt : Math.max(own, receivedAt)
}

function producedAt(event: LogEvent): number {
  if (event.schema === 'fairtrial.exposure/1') return event.exposedAt
  if (event.schema === 'fairtrial.outcome/1') return event.occurredAt
  return event.schema === 'fairtrial.producer/1' ? event.reportedAt : event.until
}

/**
 * Reads a segment, and tells what stands in it. Rejects where it cannot be read.
 *
 * @param now epoch milliseconds
 */
export async function surveySegment(path: string, name: string, now: number): Promise<SegmentFacts> {
  const survey = new Survey(now)
  let begun: Buffer[] = []
  for await (const chunk of createReadStream(path, { highWaterMark: 1_000_000 }) as AsyncIterable<Buffer>) {
    survey.digest(chunk)
    const end = chunk.lastIndexOf(LINE_FEED) + 1
    if (end > 0) {
      const whole = Buffer.concat([...begun, chunk.subarray(0, end)])
      begun = []
      for (const line of whole.toString().split('\n').slice(0, -1)) survey.take(eventOf(line))
    }
    if (end < chunk.length) begun.push(Buffer.from(chunk.subarray(end)))
  }
  return survey.facts(name)
}

/**
 * The same of events that stand in no file: a portion of a log that is kept elsewhere, as if it were one. Its bytes and
 * its digest are those of the events as JSON, a line each.
 *
 * @param now epoch milliseconds
 */
export function surveyEvents(events: readonly LogEvent[], name: string, now: number): SegmentFacts {
  const survey = new Survey(now)
  for (const event of events) {
    survey.digest(Buffer.from(`${JSON.stringify(event)}\n`))
    survey.take(event)
  }
  return survey.facts(name)
}

class Survey {
  readonly #now: number
  readonly #hash = createHash('sha256')
  readonly #experiments = new Map<string, number>()
  readonly #producers = new Map<string, number>()
  readonly #counts = { bytes: 0, events: 0, unreadable: 0 }
  readonly #times = { firstAt: Infinity, lastAt: -Infinity, receivedUpTo: -Infinity }

  constructor(now: number) {
    this.#now = now
  }

  digest(bytes: Buffer): void {
    this.#hash.update(bytes)
    this.#counts.bytes += bytes.length
  }

  /** @param event undefined where a line is none */
  take(event: LogEvent | undefined): void {
    if (event === undefined) {
      this.#counts.unreadable++
      return
    }
    const at = timeOf(event, this.#now)
    const times = this.#times
    this.#counts.events++
    times.firstAt = Math.min(times.firstAt, at)
    times.lastAt = Math.max(times.lastAt, at)
    times.receivedUpTo = Math.max(times.receivedUpTo, event.receivedAt ?? at)
    const { producerId, sequence } = event
    this.#producers.set(producerId, Math.max(sequence, this.#producers.get(producerId) ?? 0))
    if (event.schema === 'fairtrial.producer/1') {
      for (const { experiment } of event.arms) this.#count(experiment, 0)
    } else if (event.schema !== 'fairtrial.outcome/1') this.#count(event.experiment, 1)
  }

  facts(name: string): SegmentFacts {
    const { firstAt, lastAt, receivedUpTo } = this.#times
    const known = this.#counts.events > 0
    return {
      name,
      sha256: this.#hash.digest('hex'),
      ...this.#counts,
      firstAt: known ? firstAt : null,
      lastAt: known ? lastAt : null,
      receivedUpTo: known ? receivedUpTo : null,
      experiments: Object.fromEntries(this.#experiments),
      producers: Object.fromEntries(this.#producers),
    }
  }

  #count(experiment: string, by: number): void {
    this.#experiments.set(experiment, (this.#experiments.get(experiment) ?? 0) + by)
  }
}

const LINE_FEED = 0x0a

function eventOf(line: string): LogEvent | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return isLogEvent(value) ? value : undefined
  } catch {
    return undefined
  }
}

import type { LogEvent } from '@fairtrial/protocol'
import { ExperimentError } from '@fairtrial/protocol/error'
import type { KafkaRecords, KafkaSpan, StoredRecord } from './kafka-reader.ts'
import { readRecord } from './read-record.ts'

/** How far a log has been read: plain data, to be stored with whatever was made of the events, in one write. */
export interface KafkaCursor {
  /** By topic and partition. */
  readonly topics: { readonly [topic: string]: { readonly [partition: string]: KafkaReadTo } }
}

/** How far one partition has been read. */
export interface KafkaReadTo {
  /** The offset to go on from. */
  readonly next: number
  /** Timestamp of the record before it: another one there tells that the topic was made anew. */
  readonly at?: number
}

/** Records that were deleted before they were read. */
export interface KafkaLoss {
  readonly topic: string
  readonly partition: number
  /** The first offset that is missing, and the one behind the last. */
  readonly from: number
  readonly until: number
}

/** What has come into the topics since a cursor, as a controller asks for it. */
export interface KafkaPortion {
  /** Topic by topic, partition by partition, by offset: in whatever order they came. `receivedAt` is the record's timestamp. */
  readonly events: readonly LogEvent[]
  readonly cursor: KafkaCursor
  /** Bytes of the values read. */
  readonly bytesRead: number
  /** Records that are no event. */
  readonly unreadableLines: number
  readonly more: boolean
  /** Not read, and never to be; only where `onLoss` allows to go on. */
  readonly lost: readonly KafkaLoss[]
}

type OnRecord = (topic: string, partition: number, record: StoredRecord) => void

/** A portion that is being read. */
export class Portion {
  readonly lost: KafkaLoss[] = []
  /** Offsets that did not come: control records, compacted ones, or lost ones. */
  readonly gaps: KafkaLoss[] = []
  readonly #topics: { [topic: string]: { [partition: string]: KafkaReadTo } } = {}
  readonly #events = new Map<string, LogEvent[]>()
  readonly #maximumBytes: number
  readonly #onRecord: OnRecord
  #bytesRead = 0
  #unreadable = 0

  constructor(cursor: KafkaCursor | null, maximumBytes: number, onRecord: OnRecord = () => undefined) {
    for (const [topic, partitions] of Object.entries(cursor?.topics ?? {}))
      this.#topics[topic] = { ...partitions }
    this.#maximumBytes = maximumBytes
    this.#onRecord = onRecord
  }

  readTo(topic: string, partition: number): KafkaReadTo | undefined {
    return this.#topics[topic]?.[partition]
  }

  begin(topic: string, partition: number, from: number, start: KafkaReadTo | undefined): void {
    this.#topics[topic] ??= {}
    this.#topics[topic][partition] = start?.next === from ? start : { next: from }
    this.#events.set(`${topic}/${partition}`, [])
  }

  take({ topic, partition, records, next }: KafkaRecords): boolean {
    const start = this.#topics[topic]![partition]!
    const events = this.#events.get(`${topic}/${partition}`)!
    let { at } = start
    let expected = start.next
    for (const record of records) {
      const { offset, timestamp, value } = record
      if (offset < start.next) {
        if (offset === start.next - 1 && at !== undefined && at !== timestamp)
          throw madeAnew(topic, partition, start.next)
        continue
      }
      if (offset > expected) this.gaps.push({ topic, partition, from: expected, until: offset })
      expected = offset + 1
      at = timestamp
      this.#onRecord(topic, partition, record)
      this.#bytesRead += value?.length ?? 0
      const read = readRecord(record)
      if (read.poison === undefined) events.push(receivedAt(timestamp, read.event))
      else this.#unreadable++
    }
    this.#topics[topic]![partition] = { next: Math.max(next, start.next), ...(at !== undefined && { at }) }
    return this.#bytesRead < this.#maximumBytes
  }

  finish(spans: readonly KafkaSpan[]): KafkaPortion {
    return {
      events: [...this.#events.values()].flat(),
      cursor: { topics: this.#topics },
      bytesRead: this.#bytesRead,
      unreadableLines: this.#unreadable,
      more: spans.some(({ topic, partition, until }) => this.#topics[topic]![partition]!.next < until),
      lost: this.lost,
    }
  }
}

/** The very event: a copy of each would cost as much as reading it. */
function receivedAt(timestamp: number, event: LogEvent): LogEvent {
  ;(event as { receivedAt?: number }).receivedAt = timestamp
  return event
}

/** Of a partition that is not the one that was read. */
export function madeAnew(topic: string, partition: number, next: number, high?: number): ExperimentError {
  const sign =
    high === undefined ? `another record stands before offset ${next}` : `it ends at offset ${high}`
  return new ExperimentError(
    'io',
    `${topic}, partition ${partition}, was read up to offset ${next}, but ${sign}: the topic was made anew, or cut.`,
    'Find out who changed it, then read the log again from an empty cursor.',
  )
}

import {
  type KafkaCursor,
  kafkaLog,
  kafkajsLibrary,
  type KafkaRange,
  type KafkaReading,
  topicsOf,
} from '@fairtrial/exposure/kafka'
import type { LockedInput, LogEvent } from '@fairtrial/protocol'
import { RecordsDigest } from './lock/digest.ts'
import type { TopicsPlace } from './log-place.ts'

/** Some of what is read, and all that was read so far. */
export interface TopicsPortion {
  readonly events: readonly LogEvent[]
  readonly unreadableLines: number
  readonly partitions: readonly LockedInput[]
}

/** A partition, from an offset up to and without another. */
interface Stretch {
  readonly topic: string
  readonly partition: number
  readonly from: number
  readonly upTo: number
}

const ASK_MS = 30_000

/**
 * Reads topics from the oldest record to what stands there now, or the stretches of a lock as far as they are still
 * there. Always in the same order, so that whatever is summed up comes out the same to the last digit: in steps, each
 * an equal share of every partition, and within a step partition by partition, by offset.
 *
 * Rejects `misconfigured` where a topic is not there, `unreachable` where no broker answers, `io` where records are
 * deleted while they are read.
 *
 * @param options.recordsAtOnce about how many a step has
 */
export async function* readTopics(
  place: TopicsPlace,
  options: { readonly inputs?: readonly LockedInput[] | undefined; readonly recordsAtOnce?: number } = {},
): AsyncGenerator<TopicsPortion> {
  const { inputs, recordsAtOnce = 50_000 } = options
  const library = kafkajsLibrary({ brokers: place.kafka, clientId: 'fairtrial-cli' })
  const topics = topicsOf(place.topicPrefix ?? 'fairtrial')
  const ranges = await rangesOf(library, Object.values(topics))
  const stretches =
    inputs === undefined ? ranges.map(wholeOf) : ranges.flatMap((range) => lockedOf(range, inputs))
  const parts = new Map(
    stretches.map((stretch) => [sourceOf(stretch), { stretch, digest: new RecordsDigest() }]),
  )
  const records = stretches.reduce((sum, { from, upTo }) => sum + upTo - from, 0)
  const steps = Math.max(1, Math.ceil(records / recordsAtOnce))
  // A step is read to its end, however large its records are: where it ended by bytes, the order would hang on chance.
  const log = kafkaLog({ library, topics, maximumBytes: Number.POSITIVE_INFINITY })
  try {
    let cursor = cursorAt(stretches, 0)
    for (let step = 1; step <= steps; step++) {
      const portion = await log.readFrom(cursor, {
        until: cursorAt(stretches, step / steps),
        onRecord: (topic, partition, record) => parts.get(sourceOf({ topic, partition }))?.digest.add(record),
      })
      cursor = portion.cursor
      yield {
        events: portion.events,
        unreadableLines: portion.unreadableLines,
        partitions: [...parts.values()].map((part) => readSoFar(part, cursor)),
      }
    }
  } finally {
    await log.close()
  }
}

async function rangesOf(library: KafkaReading, topics: readonly string[]): Promise<readonly KafkaRange[]> {
  const reader = library.openReader()
  try {
    return await reader.ranges(topics, ASK_MS)
  } finally {
    await reader.close()
  }
}

/** As TOPIC/PARTITION, which no name of a topic can be mistaken for. */
function sourceOf({ topic, partition }: { readonly topic: string; readonly partition: number }): string {
  return `${topic}/${partition}`
}

function wholeOf({ topic, partition, low, high }: KafkaRange): Stretch {
  return { topic, partition, from: low, upTo: high }
}

/** What is left of what a lock has of a partition. */
function lockedOf(range: KafkaRange, inputs: readonly LockedInput[]): readonly Stretch[] {
  const { topic, partition, low, high } = range
  const locked = inputs.find(({ source }) => source === sourceOf(range))
  if (locked === undefined) return []
  const upTo = Math.min(locked.upTo, high)
  return [{ topic, partition, from: Math.min(Math.max(locked.from ?? 0, low), upTo), upTo }]
}

/** Where a share of every stretch has been read. */
function cursorAt(stretches: readonly Stretch[], share: number): KafkaCursor {
  const topics: { [topic: string]: { [partition: string]: { next: number } } } = {}
  for (const { topic, partition, from, upTo } of stretches) {
    topics[topic] ??= {}
    topics[topic][partition] = { next: from + Math.floor(share * (upTo - from)) }
  }
  return { topics }
}

function readSoFar(
  { stretch, digest }: { readonly stretch: Stretch; readonly digest: RecordsDigest },
  { topics }: KafkaCursor,
): LockedInput {
  const { topic, partition, from } = stretch
  const { lastAt } = digest
  return {
    source: sourceOf(stretch),
    from,
    upTo: topics[topic]?.[partition]?.next ?? from,
    sha256: digest.sha256(),
    ...(lastAt !== undefined && { lastAt }),
  }
}

import { ExperimentError } from '@fairtrial/protocol/error'
import { limitsOf } from '../limits.ts'
import { sinkClosed } from '../memory-sink.ts'
import type { EventBatch, Rejection, Sink } from '../sink.ts'
import { refuseNoLibrary } from './refuse-no-library.ts'
import type { KafkaProducer, KafkaProducing, PartitionCounts } from './kafka-producer.ts'
import { type LogTopics, logTopics } from './log-topics.ts'
import { halved, type Shipment, sortByPartition, type SortedBatch } from './shipment.ts'

/** Where events go in Kafka, and by which library. */
export interface KafkaSinkOptions {
  /** `kafkajsLibrary(…)`, or `confluentLibrary(…)` of `@fairtrial/exposure/kafka/confluent`. */
  readonly library: KafkaProducing
  /** Default `fairtrial.exposures.v1`, `fairtrial.outcomes.v1`, `fairtrial.summaries.v1`. */
  readonly topics?: Partial<LogTopics>
  /** For one request, in milliseconds: it fails then, whatever the library does. Default 10,000. */
  readonly timeoutMs?: number
  /** A line that is larger with its key is rejected unsent. Default 900,000: a topic takes 1,048,588 by default. */
  readonly maximumRecordBytes?: number
  /** How long partition counts hold before they are asked for again. Default 60,000. */
  readonly refreshMs?: number
}

/**
 * Writes each event as a record: the line as its value, the unit id as its key, CloudEvents 1.0 headers. Java's
 * default partitioner decides where, computed here, so that all of a unit's exposures and outcomes are in partitions
 * of one number, whichever library or language wrote them.
 *
 * A record's timestamp is the time of sending (or the broker's, by `message.timestamp.type=LogAppendTime`) and not
 * that of the event, which is in the value: retention goes by timestamps, and a producer with a clock in 1970 would
 * have its records deleted at once.
 *
 * Rejects `misconfigured` where a topic does not exist, where exposures and outcomes differ in their partitions, or
 * for want of rights; `unreachable` for whatever may pass.
 *
 * @throws ExperimentError `invalid-argument` for no library, a name that no topic has, or a limit that means nothing
 */
export function kafkaSink(options: KafkaSinkOptions): Sink {
  const { library, ...limits } = options
  refuseNoLibrary('kafkaSink', library, ['openProducer'])
  const { exposures, outcomes, summaries } = logTopics(options.topics)
  const topics = { exposure: exposures, outcome: outcomes, summary: summaries }
  const { timeoutMs, maximumRecordBytes, refreshMs } = limitsOf(
    'kafkaSink',
    limits,
    { timeoutMs: 10_000, maximumRecordBytes: 900_000, refreshMs: 60_000 },
    ['timeoutMs', 'maximumRecordBytes'],
  )
  let producer: KafkaProducer | undefined
  let layout: Promise<PartitionCounts> | undefined
  let layoutUntil = 0
  let isClosed = false
  /** The batch that comes next, sorted while the one before was under way. */
  let ready: { batch: EventBatch; partitions: PartitionCounts; sorted: SortedBatch } | undefined
  let latest: PartitionCounts | undefined

  async function deliver(batch: EventBatch): Promise<{ rejected: Rejection[] }> {
    if (isClosed) throw sinkClosed('Kafka')
    producer ??= library.openProducer()
    try {
      const partitions = (latest = await currentLayout(producer))
      const isReady = ready?.batch === batch && ready.partitions === partitions
      const { shipments, rejected } = isReady ? ready!.sorted : sort(batch, partitions)
      ready = undefined
      return { rejected: [...rejected, ...(await send(producer, shipments))] }
    } catch (cause) {
      // Whatever it was, it may have to do with a leader or a partition that is not where it was.
      layout = undefined
      throw cause
    }
  }

  function sort(batch: EventBatch, partitions: PartitionCounts): SortedBatch {
    return sortByPartition(batch, topics, partitions, maximumRecordBytes)
  }

  function currentLayout(from: KafkaProducer): Promise<PartitionCounts> {
    if (layout === undefined || performance.now() > layoutUntil) {
      layoutUntil = performance.now() + refreshMs
      layout = askLayout(from)
    }
    return layout
  }

  async function askLayout(from: KafkaProducer): Promise<PartitionCounts> {
    const partitions = await from.partitionsOf([...new Set(Object.values(topics))], timeoutMs)
    if (partitions[exposures] === partitions[outcomes]) return partitions
    throw new ExperimentError(
      'misconfigured',
      `${exposures} has ${partitions[exposures]} partitions and ${outcomes} has ${partitions[outcomes]}, so that a unit's exposures and outcomes would not be together.`,
      'Give both the same number, with kafka-topics.sh --alter --partitions.',
    )
  }

  /** Resolves to what will never be taken: found by halving, so that everything else is stored. */
  async function send(to: KafkaProducer, shipments: readonly Shipment[]): Promise<Rejection[]> {
    if (shipments.length === 0) return []
    try {
      await to.send(shipments, timeoutMs)
      return []
    } catch (cause) {
      const { code, message } = cause as ExperimentError
      if (code !== 'too-large' && code !== 'invalid-event') throw cause
      const halves = halved(shipments)
      if (halves === undefined) return [{ line: shipments[0]!.lines[0]!, code, detail: message }]
      return [...(await send(to, halves[0])), ...(await send(to, halves[1]))]
    }
  }

  return {
    deliver,
    // In a turn of its own: the batch under way is on the wire by then, and there is nothing to do but wait.
    prepare: (batch) =>
      void setImmediate(() => {
        if (latest === undefined || isClosed) return
        ready = { batch, partitions: latest, sorted: sort(batch, latest) }
      }),
    async close() {
      isClosed = true
      await producer?.close()
    },
  }
}

import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { ExperimentError } from '@fairtrial/protocol/error'
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs'
import type { KafkaReader, StoredRecord, KafkaRecords, KafkaSpan } from './kafka-reader.ts'
import { kafkajsRanges, withAdmin } from './kafkajs-ranges.ts'
import { tooLate, within } from './read-deadline.ts'

const CLOSE_MS = 5_000
/** How long a fetch waits for records that are not there; no longer, because a read ends only after it. */
const WAIT_MS = 100
const AGAIN_MS = 200

/**
 * Reads by offset. kafkajs fetches for members of a group only, so this one has a group to itself that never
 * commits, and stays in it, paused, between reads: a broker takes up to 3 s to let the first member in.
 */
export function kafkajsReader(
  openClient: () => Promise<Kafka>,
  groupPrefix = 'fairtrial-reader',
): KafkaReader {
  let open: OpenConsumer | undefined
  /** Subscribed to together, so that a topic which has been empty costs no other group. */
  const topicsSeen = new Set<string>()

  async function consumerOf(spans: readonly KafkaSpan[], deadlineMs: number): Promise<OpenConsumer> {
    if (open !== undefined && !open.canRead(spans)) {
      await open.close()
      open = undefined
    }
    for (const { topic } of spans) topicsSeen.add(topic)
    const client = await openClient()
    const end = performance.now() + deadlineMs
    while (open === undefined) {
      const groupId = `${groupPrefix}-${randomUUID()}`
      try {
        open = await openConsumer(client, groupId, [...topicsSeen], end - performance.now())
      } catch (cause) {
        // kafkajs gives up where a coordinator is still loading, or the first group of a cluster has none yet.
        const { name, type = '' } = cause as Error & { type?: string }
        const isPassing = !(cause instanceof ExperimentError) && !/SASL|AUTHORIZATION/.test(`${name} ${type}`)
        if (!isPassing || performance.now() + AGAIN_MS > end) throw readingFailed(cause as Error)
        await sleep(AGAIN_MS)
      }
    }
    return open
  }

  return {
    async ranges(topics, deadlineMs) {
      for (const topic of topics) topicsSeen.add(topic)
      return kafkajsRanges(await openClient(), topics, deadlineMs)
    },
    async read(spans, take, deadlineMs) {
      const wanted = spans.filter(({ from, until }) => from < until)
      if (wanted.length === 0) return
      const consumer = await consumerOf(wanted, deadlineMs)
      try {
        await consumer.read(wanted, take, deadlineMs)
      } catch (cause) {
        open = undefined
        await consumer.close()
        throw readingFailed(cause as Error)
      }
    },
    async close() {
      await open?.close()
      open = undefined
    },
  }
}

interface OpenConsumer {
  /** Not where partitions were added since it was opened. */
  canRead(spans: readonly KafkaSpan[]): boolean
  read(
    spans: readonly KafkaSpan[],
    take: (records: KafkaRecords) => boolean,
    deadlineMs: number,
  ): Promise<void>
  close(): Promise<void>
}

/** What is under way. */
interface Reading {
  /** By `topic/partition`: how far it is read, and how far it is to be. */
  readonly spans: Map<string, { topic: string; partition: number; next: number; until: number }>
  readonly take: (records: KafkaRecords) => boolean
  readonly end: (failure?: Error) => void
  /** Something came. */
  readonly progress: () => void
}

async function openConsumer(
  client: Kafka,
  groupId: string,
  topics: readonly string[],
  deadlineMs: number,
): Promise<OpenConsumer> {
  const consumer = client.consumer({
    groupId,
    allowAutoTopicCreation: false,
    maxWaitTimeInMs: WAIT_MS,
    retry: { retries: 5, restartOnFailure: async () => false },
  })
  let reading: Reading | undefined
  let crash: Error | undefined
  let assigned = new Map<string, readonly number[]>()

  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    assigned = new Map(Object.entries(payload.memberAssignment))
    // Before anything is fetched: what is not asked for stays paused, and what is goes on where it was.
    consumer.pause([...assigned].map(([topic, partitions]) => ({ topic, partitions: [...partitions] })))
    if (reading !== undefined) begin(consumer, reading)
  })
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
    // Control records alone are passed by without a word.
    if (payload.batchSize === 0) advance({ ...payload, records: [], next: Number(payload.lastOffset) + 1 })
  })
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    crash = payload.error
    reading?.end(payload.error)
  })

  function advance({ topic, partition, records, next }: KafkaRecords): void {
    const span = reading?.spans.get(`${topic}/${partition}`)
    if (reading === undefined || span === undefined) return
    reading.progress()
    const isAll = (records[0]?.offset ?? next) >= span.next && next <= span.until
    const fresh = isAll ? records : records.filter(({ offset }) => offset >= span.next && offset < span.until)
    const reached = Math.min(next, span.until)
    if (reached <= span.next) return
    span.next = reached
    let goesOn = false
    try {
      goesOn = reading.take({ topic, partition, records: fresh, next: reached })
    } catch (failure) {
      // To kafkajs it would be a reason to try again.
      return reading.end(failure as Error)
    }
    if (reached === span.until) {
      reading.spans.delete(`${topic}/${partition}`)
      consumer.pause([{ topic, partitions: [partition] }])
    }
    if (!goesOn || reading.spans.size === 0) reading.end()
  }

  try {
    await within(start(), deadlineMs, 'let a reader in')
  } catch (cause) {
    await close()
    throw cause
  }

  async function start(): Promise<void> {
    await consumer.connect()
    await consumer.subscribe({ topics: [...topics], fromBeginning: true })
    await consumer.run({ autoCommit: false, eachBatch: async (payload) => takeBatch(payload) })
    if (crash !== undefined) throw crash
  }

  function takeBatch({ batch, isStale }: EachBatchPayload): void {
    // A batch that was on its way when the reader was sent elsewhere.
    if (isStale()) return
    const { topic, partition, messages } = batch
    advance({ topic, partition, records: messages.map(recordOf), next: Number(batch.lastOffset()) + 1 })
  }

  async function close(): Promise<void> {
    await within(consumer.disconnect(), CLOSE_MS, 'let a reader go').catch(() => undefined)
    // A group of nobody that has committed nothing is forgotten by itself; this is only tidier.
    await withAdmin(client, CLOSE_MS, 'forget a reader', (admin) => admin.deleteGroups([groupId])).catch(
      () => undefined,
    )
  }

  return {
    canRead: (spans) =>
      crash === undefined &&
      spans.every(({ topic, partition }) => assigned.get(topic)?.includes(partition) === true),
    read: (spans, take, deadlineMs) =>
      new Promise((resolve, reject) => {
        let watch: NodeJS.Timeout | undefined
        const progress = () => {
          clearTimeout(watch)
          watch = setTimeout(() => reading?.end(tooLate('give what its topics hold', deadlineMs)), deadlineMs)
        }
        const left = new Map(
          spans.map(({ topic, partition, from, until }) => [
            `${topic}/${partition}`,
            { topic, partition, next: from, until },
          ]),
        )
        reading = {
          spans: left,
          take,
          progress,
          end: (failure) => {
            clearTimeout(watch)
            reading = undefined
            if (failure !== undefined) return reject(failure)
            for (const { topic, partition } of left.values())
              consumer.pause([{ topic, partitions: [partition] }])
            resolve()
          },
        }
        progress()
        begin(consumer, reading)
      }),
    close,
  }
}

function readingFailed(cause: Error): ExperimentError {
  if (cause instanceof ExperimentError) return cause
  return new ExperimentError(
    'unreachable',
    `Kafka did not give what its topics hold: ${cause.message}.`,
    'See that its brokers are up and that this client may read; then read on from the same cursor.',
    { cause },
  )
}

function begin(consumer: Consumer, { spans }: Reading): void {
  for (const { topic, partition, next } of spans.values()) {
    consumer.seek({ topic, partition, offset: `${next}` })
    consumer.resume([{ topic, partitions: [partition] }])
  }
}

/** A message as kafkajs gives it. */
export function recordOf(message: EachBatchPayload['batch']['messages'][number]): StoredRecord {
  const { offset, timestamp, key, value } = message
  return { offset: Number(offset), timestamp: Number(timestamp), key, value }
}

import type { EachBatchPayload, Kafka } from 'kafkajs'
import type { AssignedPartition, KafkaMember, KafkaMembership, KafkaRange } from './kafka-reader.ts'
import { kafkajsRanges, withAdmin } from './kafkajs-ranges.ts'
import { recordOf } from './kafkajs-reader.ts'
import { within } from './read-deadline.ts'

const ASK_MS = 30_000
const LEAVE_MS = 10_000
/** What librdkafka's binding ends a note with, and takes away when it reads one: both are to know each other's. */
const END = '\0'

/**
 * Joins a consumer group by kafkajs. After each rebalance all partitions are paused until it is known where they
 * begin, so that kafkajs never goes by a committed offset, nor by its own default where an offset is out of range.
 */
export function joinKafkajsGroup(openClient: () => Promise<Kafka>, membership: KafkaMembership): KafkaMember {
  const { groupId, topics, sessionTimeoutMs, begin, take, onEnd } = membership
  let isClosed = false
  /** Counts rebalances: what was asked for one is nothing to the next. */
  let generation = 0
  /** The one of which it is known where its partitions begin. */
  let seekedFor = -1
  const opened = openClient().then((client) => ({
    client,
    consumer: client.consumer({
      groupId,
      allowAutoTopicCreation: false,
      maxWaitTimeInMs: 500,
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: sessionTimeoutMs / 4,
      // New partitions are taken up within a minute.
      metadataMaxAge: 60_000,
      retry: { retries: 5, restartOnFailure: async () => false },
    }),
  }))

  async function start(): Promise<void> {
    const { consumer } = await opened
    const { GROUP_JOIN, CRASH, END_BATCH_PROCESS } = consumer.events
    consumer.on(CRASH, ({ payload }) => end(payload.error))
    consumer.on(GROUP_JOIN, ({ payload }) => {
      generation++
      const assigned = Object.entries(payload.memberAssignment).map(([topic, partitions]) => ({
        topic,
        partitions: [...partitions],
      }))
      consumer.pause(assigned)
      seekAll(assigned, generation).catch(end)
    })
    // What holds nothing but the marks of transactions, or what was taken back, comes to no batch.
    consumer.on(END_BATCH_PROCESS, ({ payload: { topic, partition, batchSize, lastOffset } }) => {
      const isMine = generation === seekedFor && !isClosed
      if (batchSize === 0 && isMine)
        void take({ topic, partition, records: [], next: Number(lastOffset) + 1 })
    })
    await consumer.connect()
    await consumer.subscribe({ topics: [...topics], fromBeginning: true })
    await consumer.run({ autoCommit: false, eachBatch: takeBatch })
  }

  async function seekAll(
    assigned: readonly { topic: string; partitions: readonly number[] }[],
    forGeneration: number,
  ): Promise<void> {
    const { client, consumer } = await opened
    const names = assigned.filter(({ partitions }) => partitions.length > 0).map(({ topic }) => topic)
    if (names.length === 0) return void begin([])
    const [ranges, committed] = await Promise.all([
      kafkajsRanges(client, names, ASK_MS),
      withAdmin(client, ASK_MS, 'tell what a group has committed', (admin) =>
        admin.fetchOffsets({ groupId, topics: [...names] }),
      ),
    ])
    if (isClosed || forGeneration !== generation) return
    seekedFor = generation
    const mine = ranges
      .filter(({ topic, partition }) =>
        assigned.some((each) => each.topic === topic && each.partitions.includes(partition)),
      )
      .map((range) => withCommitted(range, committed))
    for (const [index, offset] of begin(mine).entries()) {
      const { topic, partition } = mine[index]!
      consumer.seek({ topic, partition, offset: `${offset}` })
      consumer.resume([{ topic, partitions: [partition] }])
    }
  }

  async function takeBatch({ batch, isStale, heartbeat }: EachBatchPayload): Promise<void> {
    if (isClosed || isStale()) return
    const { topic, partition, messages } = batch
    await take({
      topic,
      partition,
      records: messages.map(recordOf),
      next: Number(batch.lastOffset()) + 1,
    })
    await heartbeat()
  }

  function end(cause: Error): void {
    if (!isClosed) onEnd(cause, isPassing(cause))
  }

  start().catch(end)

  return {
    async commit(positions) {
      const { consumer } = await opened
      await consumer.commitOffsets(
        positions.map(({ offset, metadata, ...at }) => ({
          ...at,
          offset: `${offset}`,
          metadata: `${metadata}${END}`,
        })),
      )
    },
    async close() {
      isClosed = true
      const { consumer } = await opened
      await within(consumer.disconnect(), LEAVE_MS, 'let a member go')
    },
  }
}

/** What a group's coordinator answers while it is made, or loads what the group has committed. */
const PASSING: ReadonlySet<unknown> = new Set(['GROUP_LOAD_IN_PROGRESS', 'GROUP_COORDINATOR_NOT_AVAILABLE'])

/** kafkajs wraps what was answered in what it made of it. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { type, name, cause } = error as Error & { type?: unknown }
  return PASSING.has(type) || name === 'KafkaJSGroupCoordinatorNotFound' || isPassing(cause)
}

function withCommitted(
  range: KafkaRange,
  committed: readonly {
    topic: string
    partitions: readonly { partition: number; offset: string; metadata: string | null }[]
  }[],
): AssignedPartition {
  const found = committed
    .find(({ topic }) => topic === range.topic)
    ?.partitions.find(({ partition }) => partition === range.partition)
  // −1: the group has committed nothing there.
  const offset = Number(found?.offset ?? -1)
  return {
    ...range,
    committed: offset < 0 ? null : { offset, metadata: found?.metadata?.replace(END, '') ?? '' },
  }
}

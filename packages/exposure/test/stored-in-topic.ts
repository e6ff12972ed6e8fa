import { setTimeout as sleep } from 'node:timers/promises'
import { uniqueTopic } from '@fairtrial/brokers'
import type { Admin, EachBatchPayload } from 'kafkajs'
import type { StoredInPartition } from '../src/testing/index.ts'
import { bareClient } from './kafka-client.ts'

/** A record of a topic, as kafkajs alone finds it. */
export interface StoredRecord extends StoredInPartition {
  readonly topic: string
  readonly timestamp: number
}

/** Reads topics along. */
export interface Follower {
  /** All that they hold now, in the order of partitions and offsets. */
  records(): Promise<StoredRecord[]>
  stop(): Promise<void>
}

/** Everything that topics hold now. */
export async function storedIn(
  brokers: readonly string[],
  ...topics: readonly string[]
): Promise<StoredRecord[]> {
  const follower = await follow(brokers, topics)
  try {
    return await follower.records()
  } finally {
    await follower.stop()
  }
}

/** Joining a group takes its time: whoever looks more than once follows. */
export async function follow(brokers: readonly string[], topics: readonly string[]): Promise<Follower> {
  const client = bareClient(brokers)
  const consumer = client.consumer({ groupId: uniqueTopic('follower'), maxWaitTimeInMs: 50 })
  const found: (StoredRecord & { readonly offset: number })[] = []
  const positions = new Map<string, number>()

  async function eachBatch({ batch }: EachBatchPayload): Promise<void> {
    const { topic, partition } = batch
    for (const { key, value, headers, offset, timestamp } of batch.messages) {
      const texts = Object.entries(headers ?? {}).map(([name, text]) => [name, String(text)])
      found.push({
        topic,
        partition,
        offset: Number(offset),
        timestamp: Number(timestamp),
        key: key?.toString() ?? null,
        value: value?.toString() ?? null,
        headers: Object.fromEntries(texts),
      })
    }
    positions.set(`${topic}/${partition}`, Number(batch.lastOffset()) + 1)
  }

  await consumer.connect()
  await consumer.subscribe({ topics: [...topics], fromBeginning: true })
  await consumer.run({ autoCommit: false, eachBatch })
  return {
    async records() {
      const ends = await withAdmin(client.admin(), (admin) => endsOf(admin, topics))
      while (ends.some(({ at, end }) => (positions.get(at) ?? 0) < end)) await sleep(10)
      return found
        .toSorted(
          (a, b) => a.topic.localeCompare(b.topic) || a.partition - b.partition || a.offset - b.offset,
        )
        .map(({ offset: _, ...record }) => record)
    },
    stop: () => consumer.disconnect(),
  }
}

async function endsOf(admin: Admin, topics: readonly string[]) {
  const ends = await Promise.all(topics.map((topic) => admin.fetchTopicOffsets(topic)))
  return topics.flatMap((topic, index) =>
    ends[index]!.filter(({ low, high }) => Number(high) > Number(low)).map(({ partition, high }) => ({
      at: `${topic}/${partition}`,
      end: Number(high),
    })),
  )
}

/** Does something with an admin that is disconnected in any case. */
export async function withAdmin<T>(admin: Admin, work: (admin: Admin) => Promise<T>): Promise<T> {
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.disconnect()
  }
}

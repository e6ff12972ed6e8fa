import { type Batch, type Consumer, Kafka, logLevel } from 'kafkajs'
import { uniqueTopic } from '@fairtrial/brokers'
import type { StoredInPartition } from '../src/testing/index.ts'

/** Everything that topics hold now, by kafkajs alone: in the order of partitions and offsets. */
export async function storedIn(
  brokers: readonly string[],
  ...topics: readonly string[]
): Promise<(StoredInPartition & { readonly topic: string; readonly timestamp: number })[]> {
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  const ends = new Map<string, number>()
  await admin.connect()
  try {
    for (const topic of topics) {
      for (const { partition, low, high } of await admin.fetchTopicOffsets(topic))
        if (Number(high) > Number(low)) ends.set(`${topic}/${partition}`, Number(high))
    }
  } finally {
    await admin.disconnect()
  }
  if (ends.size === 0) return []
  const consumer = kafka.consumer({ groupId: uniqueTopic('stored-in') })
  try {
    return await readUntil(ends, consumer, topics)
  } finally {
    await consumer.disconnect()
  }
}

async function readUntil(ends: Map<string, number>, consumer: Consumer, topics: readonly string[]) {
  const found: (StoredInPartition & { topic: string; timestamp: number; offset: number })[] = []
  await consumer.connect()
  await consumer.subscribe({ topics: [...topics], fromBeginning: true })
  await new Promise<void>((resolve, reject) => {
    const eachBatch = async ({ batch }: { batch: Batch }) => {
      const { topic, partition } = batch
      for (const { key, value, headers, offset, timestamp } of batch.messages) {
        found.push({
          topic,
          partition,
          offset: Number(offset),
          timestamp: Number(timestamp),
          key: key?.toString() ?? null,
          value: value?.toString() ?? null,
          headers: Object.fromEntries(
            Object.entries(headers ?? {}).map(([name, text]) => [name, String(text)]),
          ),
        })
      }
      if (Number(batch.lastOffset()) + 1 >= (ends.get(`${topic}/${partition}`) ?? Infinity))
        ends.delete(`${topic}/${partition}`)
      if (ends.size === 0) resolve()
    }
    consumer.run({ autoCommit: false, eachBatch }).catch(reject)
  })
  return found
    .toSorted((a, b) => a.topic.localeCompare(b.topic) || a.partition - b.partition || a.offset - b.offset)
    .map(({ offset: _, ...record }) => record)
}

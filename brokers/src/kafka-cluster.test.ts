import type { PartitionMetadata } from 'kafkajs'
import { Kafka, logLevel } from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { startKafka } from './kafka-cluster.ts'
import { missingForTests } from './kafka-for-tests.ts'
import type { Proxy } from './proxy.ts'
import { startProxy } from './proxy.ts'

/** What a broker says that looks for a class in vain. */
const NOT_AMONG_ITS_JARS = /NoClassDefFoundError|ClassNotFoundException|UnsatisfiedLinkError/

const isMissing = missingForTests().kafka

function clientOf(brokers: readonly string[], requestTimeout = 30_000): Kafka {
  return new Kafka({
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    requestTimeout,
    retry: { retries: 30, maxRetryTime: 500 },
  })
}

async function send(brokers: readonly string[], topic: string, values: readonly string[]): Promise<void> {
  const producer = clientOf(brokers).producer()
  try {
    await producer.connect()
    await producer.send({ topic, acks: -1, messages: values.map((value) => ({ value })) })
  } finally {
    await producer.disconnect()
  }
}

async function partitionOf(brokers: readonly string[], topic: string): Promise<PartitionMetadata> {
  const admin = clientOf(brokers).admin()
  try {
    await admin.connect()
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
    return topics[0]!.partitions[0]!
  } finally {
    await admin.disconnect()
  }
}

/** Reads until as many records came as are wanted. */
async function read(brokers: readonly string[], topic: string, count: number): Promise<string[]> {
  const consumer = clientOf(brokers).consumer({ groupId: `${topic}-${count}` })
  try {
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    const values: string[] = []
    await new Promise<void>((resolve, reject) => {
      consumer
        .run({
          eachMessage: async ({ message }) => {
            values.push(`${message.value?.toString()}`)
            if (values.length === count) resolve()
          },
        })
        .catch(reject)
    })
    return values.sort()
  } finally {
    await consumer.disconnect()
  }
}

describe.skipIf(isMissing)('one broker', () => {
  it('comes back from SIGKILL with what it had, under the address it had', async () => {
    const cluster = await startKafka()
    try {
      const [address] = cluster.brokers
      const [pid] = cluster.pids
      await cluster.createTopics([{ topic: 'events', partitions: 4, config: { 'retention.ms': 86_400_000 } }])
      await send(cluster.brokers, 'events', ['before'])
      await cluster.kill(0)
      await cluster.restart(0)
      expect(cluster.brokers).toEqual([address])
      expect(cluster.pids).not.toEqual([pid])
      await send(cluster.brokers, 'events', ['after'])
      expect(await read(cluster.brokers, 'events', 2)).toEqual(['after', 'before'])
      expect(await cluster.readLog(0)).not.toMatch(NOT_AMONG_ITS_JARS)
    } finally {
      await cluster.stop()
    }
    expect(await cluster.readLog(0)).toBe('')
  })

  it('is silent while it is paused, also behind a proxy that it names as itself', async () => {
    let proxy: Proxy | undefined
    const cluster = await startKafka({
      properties: { 'message.max.bytes': 5000 },
      advertise: async (broker) => {
        proxy = await startProxy(broker)
        return proxy.address
      },
    })
    try {
      expect(cluster.brokers).toEqual([proxy?.address])
      const admin = clientOf(cluster.brokers).admin()
      await admin.connect()
      const { brokers } = await admin.describeCluster()
      expect(brokers.map(({ host, port }) => `${host}:${port}`)).toEqual(cluster.brokers)
      await cluster.createTopics([{ topic: 'events' }])
      await expect(send(cluster.brokers, 'events', ['x'.repeat(6000)])).rejects.toMatchObject({ code: 10 })

      cluster.pause(0)
      let isAnswered = false
      const answer = admin.listTopics().then((topics) => {
        isAnswered = true
        return topics
      })
      const impatient = new Kafka({
        brokers: [...cluster.brokers],
        logLevel: logLevel.NOTHING,
        requestTimeout: 500,
      })
      const other = impatient.admin({ retry: { retries: 0 } })
      await other.connect().catch(() => {})
      await expect(other.listTopics()).rejects.toThrow()
      await other.disconnect()
      expect(isAnswered).toBe(false)
      cluster.resume(0)
      expect(await answer).toContain('events')
      await admin.disconnect()
    } finally {
      await cluster.stop()
      await proxy?.stop()
    }
  })

  it('has the codecs that clients use, and transactions', async () => {
    const cluster = await startKafka()
    try {
      // The broker packs what came plain.
      const codecs = ['gzip', 'snappy', 'lz4', 'zstd']
      await cluster.createTopics(codecs.map((topic) => ({ topic, config: { 'compression.type': topic } })))
      const producer = clientOf(cluster.brokers).producer({
        transactionalId: 'one',
        idempotent: true,
        maxInFlightRequests: 1,
      })
      await producer.connect()
      const transaction = await producer.transaction()
      for (const topic of codecs) await transaction.send({ topic, messages: [{ value: 'x'.repeat(1000) }] })
      await transaction.commit()
      await producer.disconnect()
      expect(await read(cluster.brokers, 'gzip', 1)).toEqual(['x'.repeat(1000)])
      expect(await cluster.readLog(0)).not.toMatch(NOT_AMONG_ITS_JARS)
    } finally {
      await cluster.stop()
    }
  })

  it('says what it dislikes when it cannot start', async () => {
    await expect(startKafka({ properties: { 'num.io.threads': 0 } })).rejects.toThrow(/num\.io\.threads/)
  })
})

describe.skipIf(isMissing)('three brokers', () => {
  it('go on when a leader is killed, and agree when it is back', async () => {
    const cluster = await startKafka({ brokers: 3 })
    try {
      await cluster.createTopics([{ topic: 'events' }])
      await send(cluster.brokers, 'events', ['before'])
      const { leader } = await partitionOf(cluster.brokers, 'events')
      await cluster.kill(leader - 1)
      // To make a topic, the cluster needs a leader of its own; to acknowledge, two copies.
      await cluster.createTopics([{ topic: 'made-by-two', replicas: 2 }])
      await send(cluster.brokers, 'events', ['while it is dead'])
      await cluster.restart(leader - 1)
      await send(cluster.brokers, 'events', ['after'])
      expect((await partitionOf(cluster.brokers, 'events')).isr).toHaveLength(3)
      expect(await read(cluster.brokers, 'events', 3)).toEqual(['after', 'before', 'while it is dead'])
    } finally {
      await cluster.stop()
    }
  })
})

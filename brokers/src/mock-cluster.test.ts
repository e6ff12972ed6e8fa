import type { RetryOptions } from 'kafkajs'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { missingForTests } from './kafka-for-tests.ts'
import type { MockCluster } from './mock-cluster.ts'
import { startMockCluster } from './mock-cluster.ts'

const [PRODUCE, MESSAGE_TOO_LARGE] = [0, 10]

describe.skipIf(missingForTests().mockCluster)('the mock cluster', () => {
  let cluster: MockCluster

  beforeAll(async () => {
    cluster = await startMockCluster({ brokers: 2 })
    await cluster.createTopic('events', 2)
  })

  afterAll(() => cluster.stop())

  async function send(value: string, retry: RetryOptions = { retries: 0 }): Promise<void> {
    const client = new Kafka({ brokers: [...cluster.brokers], logLevel: logLevel.NOTHING, retry })
    const producer = client.producer()
    try {
      await producer.connect()
      await producer.send({ topic: 'events', messages: [{ value, partition: 0 }] })
    } finally {
      await producer.disconnect()
    }
  }

  async function highestOffset(): Promise<number> {
    const admin = new Kafka({ brokers: [...cluster.brokers], logLevel: logLevel.NOTHING }).admin()
    try {
      await admin.connect()
      const offsets = await admin.fetchTopicOffsets('events')
      return Number(offsets.find(({ partition }) => partition === 0)?.high)
    } finally {
      await admin.disconnect()
    }
  }

  it('refuses as many requests as it was told to, with that code', async () => {
    await cluster.pushErrors(PRODUCE, MESSAGE_TOO_LARGE, 2)
    await expect(send('one')).rejects.toMatchObject({ code: MESSAGE_TOO_LARGE })
    await expect(send('two')).rejects.toMatchObject({ code: MESSAGE_TOO_LARGE })
    await send('three')
  })

  it('forgets the errors that nobody met', async () => {
    await cluster.pushErrors(PRODUCE, MESSAGE_TOO_LARGE)
    await cluster.clearErrors(PRODUCE)
    await send('one')
  })

  it('stores what it acknowledges too late', async () => {
    const before = await highestOffset()
    await cluster.setLeader('events', 0, 1)
    await send('in time')
    // Metadata come from either broker; only the leader of this partition is slow, and only once it is known.
    const client = new Kafka({
      brokers: [cluster.brokers[0]!],
      logLevel: logLevel.NOTHING,
      requestTimeout: 1000,
    })
    const producer = client.producer({ retry: { retries: 0 } })
    try {
      await producer.connect()
      await producer.send({ topic: 'events', messages: [{ value: 'connects', partition: 0 }] })
      await cluster.setLatency(1, 5000)
      await expect(
        producer.send({ topic: 'events', messages: [{ value: 'late', partition: 0 }] }),
      ).rejects.toThrow()
      await cluster.setLatency(1, 0)
    } finally {
      await producer.disconnect()
    }
    expect(await highestOffset()).toBe(before + 3)
  })

  it('takes brokers down and brings them up', async () => {
    await cluster.takeDown(0)
    await cluster.takeDown(1)
    await expect(send('one')).rejects.toThrow()
    await cluster.bringUp(0)
    await cluster.bringUp(1)
    await send('two', { retries: 8 })
  })

  it('says what it does not do', async () => {
    await expect(cluster.takeDown(7)).rejects.toThrow(/does not do "down 8"/)
  })
})

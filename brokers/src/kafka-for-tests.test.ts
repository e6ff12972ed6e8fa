import { Kafka, logLevel } from 'kafkajs'
import { describe, expect, it, vi } from 'vitest'
import { connectKafka } from './connect-kafka.ts'
import { uniqueTopic } from './kafka.ts'
import { kafkaForTests } from './kafka-for-tests.ts'

const kafka = await kafkaForTests()

describe.skipIf(kafka.isMissing)('the Kafka that test files share', () => {
  it('takes a record and gives it back', async () => {
    const topic = await kafka.createTopic('round-trip', { partitions: 16 })
    const client = new Kafka({ brokers: [...kafka.brokers], logLevel: logLevel.NOTHING })
    const producer = client.producer()
    const consumer = client.consumer({ groupId: topic })
    try {
      await producer.connect()
      await producer.send({ topic, acks: -1, messages: [{ key: 'unit', value: 'exposed', partition: 11 }] })
      await consumer.connect()
      await consumer.subscribe({ topic, fromBeginning: true })
      const [partition, value] = await new Promise<[number, string]>((resolve, reject) => {
        consumer
          .run({
            eachMessage: async (each) => resolve([each.partition, `${each.message.value?.toString()}`]),
          })
          .catch(reject)
      })
      expect([partition, value]).toEqual([11, 'exposed'])
    } finally {
      await producer.disconnect()
      await consumer.disconnect()
    }
  })

  it('is the one of KAFKA_BROKERS where that is set, and goes on when a test stops its handle', async () => {
    vi.stubEnv('KAFKA_BROKERS', ` ${kafka.brokers.join(' , ')}`)
    try {
      const named = await connectKafka()
      expect(named.brokers).toEqual(kafka.brokers)
      await named.createTopics([{ topic: uniqueTopic('named') }])
      await named.stop()
    } finally {
      vi.unstubAllEnvs()
    }
    await kafka.createTopic('goes-on')
  })

  it('gives every caller a topic of its own', async () => {
    const [one, two] = [await kafka.createTopic('same-name'), await kafka.createTopic('same-name')]
    expect(one).not.toBe(two)
    expect(one).toMatch(/^same-name-/)
  })
})

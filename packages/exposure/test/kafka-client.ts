import type { TestKafka } from '@fairtrial/brokers'
import type { LogEvent } from '@fairtrial/protocol'
import { Kafka, logLevel, type Message, type Producer } from 'kafkajs'
import type { LogTopics } from '../src/kafka/log-topics.ts'

/** A bare kafkajs, for what a test does to a topic behind the back of the log. */
export function bareClient(brokers: readonly string[]): Kafka {
  return new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING, retry: { initialRetryTime: 50 } })
}

/** Sends messages to partitions, in order. */
export async function sendTo(
  brokers: readonly string[],
  topic: string,
  messages: readonly Message[],
): Promise<void> {
  await withProducer(brokers, (producer) => producer.send({ topic, acks: -1, messages: [...messages] }))
}

/** Does something with a producer that is disconnected in any case. */
export async function withProducer<T>(
  brokers: readonly string[],
  work: (producer: Producer) => Promise<T>,
  options: Parameters<Kafka['producer']>[0] = {},
): Promise<T> {
  const producer = bareClient(brokers).producer(options)
  await producer.connect()
  try {
    return await work(producer)
  } finally {
    await producer.disconnect()
  }
}

/** An event as it stands in a topic. */
export function messageOf(event: LogEvent, partition = 0): Message {
  return { key: 'unitId' in event ? event.unitId : event.producerId, value: JSON.stringify(event), partition }
}

/** What retention does to a partition 0. */
export async function deleteBefore(brokers: readonly string[], topic: string, offset: number): Promise<void> {
  const admin = bareClient(brokers).admin()
  await admin.connect()
  try {
    // Only this makes kafkajs look where the topic is.
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: `${offset}` }] })
  } finally {
    await admin.disconnect()
  }
}

/** The topics of a log, for one test. */
export async function makeTopics(kafka: TestKafka, partitions = 4, config = {}): Promise<LogTopics> {
  return {
    exposures: await kafka.createTopic('exposures', { partitions, config }),
    outcomes: await kafka.createTopic('outcomes', { partitions }),
    summaries: await kafka.createTopic('summaries'),
  }
}

import { ExperimentError } from '@fairtrial/protocol/error'
import type { Message, Producer } from 'kafkajs'
import { systemTimers } from '../clock.ts'
import type { KafkaCompression } from './kafka-connection.ts'
import {
  askingError,
  DUPLICATE_SEQUENCE_NUMBER,
  SASL_AUTHENTICATION_FAILED,
  storingError,
} from './kafka-error.ts'
import {
  type KafkaProducer,
  type PartitionCounts,
  type PartitionRecords,
  producerClosed,
} from './kafka-producer.ts'
import type { KafkajsClient } from './kafkajs-client.ts'
import { within } from './read-deadline.ts'

/** How kafkajs writes. */
export interface KafkajsProducerOptions {
  /** Default `none`. */
  readonly compression?: KafkaCompression
  /** A connection unused for so long is closed: kafkajs calls a timer each millisecond on an open one. Default 10,000. */
  readonly idleMs?: number
}

/** From `CompressionTypes`, which is loaded too late to be asked. */
const CODECS = { none: 0, gzip: 1 } as const

/**
 * Writes by kafkajs, which is trusted with one request at a time and no more: it is not asked to try again, and after
 * any failure its producer is thrown away. One that failed to connect counts as connected nonetheless; one whose
 * sequence numbers are off stays so.
 */
export function kafkajsProducer(
  openClient: () => KafkajsClient,
  { compression = 'none', idleMs = 10_000 }: KafkajsProducerOptions,
): KafkaProducer {
  let connection: Connection | undefined
  const asking = new Set<KafkajsClient>()
  let underWay = 0
  let idleTimer: unknown
  let isClosed = false

  function connect(): Connection {
    const client = openClient()
    const producer = client.kafka.then(async (kafka) => {
      const producer = kafka.producer({
        allowAutoTopicCreation: false,
        createPartitioner: () => (record) => record.message.partition!,
        metadataMaxAge: 60_000,
        retry: { retries: 0 },
      })
      await producer.connect()
      return producer
    })
    return { client, producer }
  }

  function discard(leaving: Connection, reason: Error): void {
    if (connection === leaving) connection = undefined
    leaving.client.cut(reason)
    leaving.producer.then((producer) => producer.disconnect()).catch(() => undefined)
  }

  async function attempt<T>(work: () => Promise<T>): Promise<T> {
    if (isClosed) throw producerClosed()
    systemTimers.stop(idleTimer)
    underWay++
    try {
      return await work()
    } catch (cause) {
      throw isClosed ? producerClosed() : cause
    } finally {
      if (--underWay === 0 && !isClosed) idleTimer = systemTimers.start(rest, idleMs, false)
    }
  }

  function rest(): void {
    if (connection !== undefined) discard(connection, new Error('the connection is idle'))
  }

  /** By a connection of its own: an admin's metadata are never refreshed, a producer's are its own affair. */
  async function askPartitions(topics: readonly string[], deadlineMs: number): Promise<PartitionCounts> {
    const client = openClient()
    asking.add(client)
    const admin = client.kafka.then((kafka) => kafka.admin())
    const asked = admin.then(async (admin) => {
      await admin.connect()
      return admin.fetchTopicMetadata({ topics: [...topics] })
    })
    try {
      const answer = await within(asked, deadlineMs, 'tell the partitions of its topics')
      return Object.fromEntries(answer.topics.map(({ name, partitions }) => [name, partitions.length]))
    } catch (cause) {
      throw ownError(cause, (number, failure) => askingError(topics, number, failure))
    } finally {
      client.cut(new Error('the question is answered'))
      admin.then((admin) => admin.disconnect()).catch(() => undefined)
      asking.delete(client)
    }
  }

  async function storeOrDiscard(records: readonly PartitionRecords[], deadlineMs: number): Promise<void> {
    const used = (connection ??= connect())
    try {
      const stored = used.producer.then((producer) => store(producer, records, deadlineMs))
      await within(stored, deadlineMs, 'store a batch')
    } catch (cause) {
      const error = ownError(cause, storingError)
      // A producer that was told what is wrong with its records is as good as before.
      if (error.code !== 'too-large' && error.code !== 'invalid-event') discard(used, error)
      throw error
    }
  }

  async function store(
    producer: Producer,
    records: readonly PartitionRecords[],
    deadlineMs: number,
  ): Promise<void> {
    try {
      const stored = await producer.sendBatch({
        acks: -1,
        compression: CODECS[compression],
        timeout: deadlineMs,
        topicMessages: records.map(({ topic, partition, records }) => ({
          topic,
          messages: records.map(({ key, value, headers }) => ({ key, value, headers, partition }) as Message),
        })),
      })
      // kafkajs passes over partitions that its own metadata does not have yet, and says nothing.
      const answered = new Set(stored.map(({ topicName, partition }) => `${topicName}/${partition}`))
      const missed = records.find(({ topic, partition }) => !answered.has(`${topic}/${partition}`))
      if (missed !== undefined) throw new Error(`nobody answered for ${missed.topic}/${missed.partition}`)
    } catch (cause) {
      if (numberOf(cause) !== DUPLICATE_SEQUENCE_NUMBER) throw cause
      // One partition has it already. kafkajs tells the first failure only: of the others nobody knows.
      if (records.length > 1) for (const one of records) await store(producer, [one], deadlineMs)
    }
  }

  return {
    partitionsOf: (topics, deadlineMs) => attempt(() => askPartitions(topics, deadlineMs)),
    send: (records, deadlineMs) => attempt(() => storeOrDiscard(records, deadlineMs)),
    async close() {
      isClosed = true
      systemTimers.stop(idleTimer)
      for (const client of asking) client.cut(producerClosed())
      if (connection !== undefined) discard(connection, producerClosed())
    },
  }
}

interface Connection {
  readonly client: KafkajsClient
  readonly producer: Promise<Producer>
}

/** A deadline that is over, or kafkajs that is not there, has been said already. */
function ownError(
  cause: unknown,
  errorOf: (number: number | undefined, cause: Error) => ExperimentError,
): ExperimentError {
  return cause instanceof ExperimentError ? cause : errorOf(numberOf(cause), cause as Error)
}

/** As the protocol numbers errors, where a broker answered with one; kafkajs wraps it once or twice. */
function numberOf(error: unknown): number | undefined {
  for (let cause = error as Failure | undefined; cause !== undefined; cause = cause.cause) {
    if (cause.name === 'KafkaJSSASLAuthenticationError') return SASL_AUTHENTICATION_FAILED
    if (cause.name === 'KafkaJSProtocolError') return cause.code
  }
  return undefined
}

interface Failure {
  readonly name: string
  readonly code?: number
  readonly cause?: Failure
}

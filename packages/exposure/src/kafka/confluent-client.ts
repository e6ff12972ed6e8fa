import { ExperimentError } from '@fairtrial/protocol/error'
import type { KafkaCompression, KafkaConnection } from './kafka-connection.ts'
import type { PartitionRecords } from './kafka-producer.ts'

/** The calls of librdkafka's producer that are made here, as promises. */
export interface ConfluentClient {
  /** Rejects where no broker answers. */
  connect(deadlineMs: number): Promise<ConfluentClient>
  partitionsOf(topic: string, deadlineMs: number): Promise<number>
  /** Resolves when there is a report on each record; to the failures among them. */
  produce(shipment: PartitionRecords): Promise<readonly ConfluentError[]>
  disconnect(): Promise<void>
}

/** As librdkafka numbers errors: those of the protocol as they are, its own below zero. */
interface ConfluentError extends Error {
  readonly code: number
}

/** How librdkafka reaches the brokers, and how it writes. */
export interface ConfluentOptions extends KafkaConnection {
  /** Default `none`. */
  readonly compression?: KafkaCompression
  /** `await import('@confluentinc/kafka-javascript')`, where it is not installed beside this package. */
  readonly module?: unknown
}

/** How long librdkafka itself tries to bring a record to its broker. */
const MESSAGE_MS = 10_000
/** librdkafka cannot be woken from a question: nobody waits longer for it than this, at its end. */
const LONGEST_MS = 5_000
const AUTHENTICATION = -169
const TLS = -181

/** Makes a client, which connects to nothing yet. */
export async function openConfluentClient(options: ConfluentOptions): Promise<ConfluentClient> {
  const { Producer } = (options.module ?? (await loadConfluent())) as ConfluentModule
  const producer = new Producer({
    ...configOf(options),
    acks: -1,
    'message.timeout.ms': MESSAGE_MS,
    'compression.type': options.compression ?? 'none',
    dr_cb: true,
  })
  /** Why brokers hang up: of this, requests say only that they were not answered. */
  let refusal: ConfluentError | undefined
  producer.on('event.error', (error) => {
    if (error.code === AUTHENTICATION || error.code === TLS) refusal = error
  })
  producer.on('delivery-report', (error, { opaque }) => opaque(error))

  const client: ConfluentClient = {
    connect: (deadlineMs) =>
      new Promise((resolve, reject) => {
        producer.connect(
          { timeout: Math.min(deadlineMs, LONGEST_MS), allTopics: false, topic: '' },
          (error) => {
            if (error) return reject(refusal ?? error)
            producer.setPollInBackground(true)
            resolve(client)
          },
        )
      }),
    partitionsOf: (topic, deadlineMs) =>
      new Promise((resolve, reject) => {
        producer.getMetadata({ topic, timeout: Math.min(deadlineMs, LONGEST_MS) }, (error, metadata) => {
          if (error) return reject(refusal ?? error)
          const partitions = metadata.topics.find(({ name }) => name === topic)?.partitions.length ?? 0
          if (partitions > 0) resolve(partitions)
          else reject(unknownTopic(topic))
        })
      }),
    produce: ({ topic, partition, records }) =>
      new Promise((resolve) => {
        const failures: ConfluentError[] = []
        let reported = 0
        const report = (error: ConfluentError | null) => {
          if (error) failures.push(error)
          if (++reported === records.length) resolve(failures)
        }
        for (const { key, value, headers } of records) {
          const pairs = Object.entries(headers).map(([name, text]) => ({ [name]: text }))
          try {
            producer.produce(
              topic,
              partition,
              typeof value === 'string' ? Buffer.from(value) : value,
              key,
              null,
              report,
              pairs,
            )
          } catch (cause) {
            report(cause as ConfluentError)
          }
        }
      }),
    disconnect: () =>
      new Promise((resolve) => {
        if (producer.isConnected()) producer.disconnect(0, resolve)
        else resolve()
      }),
  }
  return client
}

/** The part of the configuration that says where brokers are and who this is. */
export function configOf({ brokers, clientId = 'fairtrial', tls = false, sasl }: KafkaConnection): object {
  const { ca, cert, key } = typeof tls === 'object' ? tls : {}
  const protocol = `${sasl === undefined ? '' : 'sasl_'}${tls === false ? 'plaintext' : 'ssl'}`
  return {
    'bootstrap.servers': brokers.join(),
    'client.id': clientId,
    'security.protocol': protocol,
    'allow.auto.create.topics': false,
    // Failures come to those who asked.
    log_level: 0,
    ...(ca !== undefined && { 'ssl.ca.pem': ca }),
    ...(cert !== undefined && { 'ssl.certificate.pem': cert }),
    ...(key !== undefined && { 'ssl.key.pem': key }),
    ...(sasl !== undefined && {
      'sasl.mechanism': sasl.mechanism.toUpperCase(),
      'sasl.username': sasl.username,
      'sasl.password': sasl.password,
    }),
  }
}

/** A peer that need not be there. */
export async function loadConfluent(): Promise<unknown> {
  const name = '@confluentinc/kafka-javascript'
  try {
    return await import(name)
  } catch (cause) {
    throw new ExperimentError(
      'misconfigured',
      `${name} cannot be loaded, and confluentLibrary() speaks to Kafka with it.`,
      `Install it beside this package: npm install ${name}; without a prebuilt binary, with CKJS_LINKING=dynamic.`,
      { cause },
    )
  }
}

function unknownTopic(topic: string): ConfluentError {
  return Object.assign(new Error(`there is no topic ${topic}`), { code: 3 })
}

interface ConfluentModule {
  readonly Producer: new (config: object) => NativeProducer
}

type Report = (error: ConfluentError | null) => void

interface NativeProducer {
  on(event: 'event.error', listen: (error: ConfluentError) => void): void
  on(
    event: 'delivery-report',
    listen: (error: ConfluentError | null, report: { readonly opaque: Report }) => void,
  ): void
  connect(options: object, done: (error: ConfluentError | null) => void): void
  getMetadata(options: object, done: (error: ConfluentError | null, metadata: Metadata) => void): void
  produce(
    topic: string,
    partition: number,
    value: Uint8Array | null,
    key: Uint8Array | null,
    timestamp: null,
    opaque: Report,
    headers: readonly object[],
  ): void
  isConnected(): boolean
  setPollInBackground(isSet: boolean): void
  disconnect(flushMs: number, done?: () => void): void
}

interface Metadata {
  readonly topics: readonly { readonly name: string; readonly partitions: readonly unknown[] }[]
}

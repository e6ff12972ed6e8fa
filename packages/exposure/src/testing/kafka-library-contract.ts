import { deepEqual, equal, rejects } from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { KafkaProducer, KafkaProducing, PartitionRecords } from '../kafka/kafka-producer.ts'
import type { ContractCase } from './sink-contract.ts'

/** A real cluster, with a topic that nothing has been written to and that takes records of up to 100 kB. */
export interface KafkaUnderTest {
  readonly brokers: readonly string[]
  readonly topic: string
  /** Of the topic; 2 or more. */
  readonly partitions: number
  /** All records stored, in the order of their offsets within a partition. */
  stored(): Promise<readonly StoredInPartition[]>
}

/** A record as a reader of any other make finds it. */
export interface StoredInPartition {
  readonly partition: number
  readonly key: string | null
  readonly value: string | null
  readonly headers: Readonly<Record<string, string>>
}

const DEADLINE_MS = 20_000

/**
 * What every Kafka library does that writes for a sink, as cases for any test runner.
 *
 * @param libraryAt the library, for a cluster of these brokers
 * @param open a new topic for each case
 */
export function kafkaLibraryContract(
  libraryAt: (brokers: readonly string[]) => KafkaProducing,
  open: () => Promise<KafkaUnderTest>,
): readonly ContractCase[] {
  return [
    contractCase('tells how many partitions topics have', async ({ producer, topic, partitions }) => {
      deepEqual(await producer.partitionsOf([topic], DEADLINE_MS), { [topic]: partitions })
    }),
    contractCase('takes a topic that does not exist for a mistake of ours', async ({ producer, topic }) => {
      await rejects(producer.partitionsOf([topic, `${topic}-not`], DEADLINE_MS), { code: 'misconfigured' })
    }),
    contractCase('stores keys, values and headers, where and in what order it is told', async (subject) => {
      const headers = { ce_id: 'Zoë \u{1F3AC}', empty: '' }
      const first = { key: bytes('Zoë'), value: bytes('{"a":1}'), headers }
      const second = { key: null, value: bytes('\u{1F3AC}'), headers: {} }
      const third = { key: bytes('viewer-3'), value: null, headers: {} }
      await subject.producer.send(
        [
          { topic: subject.topic, partition: 1, records: [first, second] },
          { topic: subject.topic, partition: 0, records: [third] },
        ],
        DEADLINE_MS,
      )
      deepEqual(await subject.stored(), [
        { partition: 0, key: 'viewer-3', value: null, headers: {} },
        { partition: 1, key: 'Zoë', value: '{"a":1}', headers },
        { partition: 1, key: null, value: '\u{1F3AC}', headers: {} },
      ])
    }),
    contractCase('has stored records as soon as it says so, however many wait', async (subject) => {
      const { producer, topic } = subject
      await Promise.all(
        Array.from({ length: 20 }, (_, i) => producer.send(oneRecord(topic, `${i}`), DEADLINE_MS)),
      )
      const values = (await subject.stored()).map(({ value }) => Number(value))
      deepEqual(
        values.toSorted((a, b) => a - b),
        Array.from({ length: 20 }, (_, i) => i),
      )
    }),
    contractCase(
      'says that a record is too large, and takes the next',
      async ({ producer, topic, stored }) => {
        await rejects(producer.send(oneRecord(topic, randomBytes(150_000).toString('base64')), DEADLINE_MS), {
          code: 'too-large',
        })
        await producer.send(oneRecord(topic, 'small'), DEADLINE_MS)
        deepEqual(
          (await stored()).map(({ value }) => value),
          ['small'],
        )
      },
    ),
    contractCase(
      'gives up at the deadline where nobody listens, and where nobody answers',
      async ({ topic }) => {
        const hole = await blackHole()
        try {
          for (const broker of ['127.0.0.1:1', hole.address]) {
            const producer = libraryAt([broker]).openProducer()
            await rejects(producer.partitionsOf([topic], 500), { code: 'unreachable' })
            await rejects(producer.send(oneRecord(topic, 'lost'), 500), { code: 'unreachable' })
            await producer.close()
          }
          equal(hole.hasAccepted(), true)
        } finally {
          await hole.stop()
        }
      },
    ),
    contractCase('ends what is under way when it is closed', async ({ topic }) => {
      const hole = await blackHole()
      try {
        const producer = libraryAt([hole.address]).openProducer()
        const sending = producer.send(oneRecord(topic, 'lost'), 60_000)
        const asking = producer.partitionsOf([topic], 60_000)
        const both = Promise.all([rejects(sending), rejects(asking)])
        await hole.accepted
        await producer.close()
        await both
      } finally {
        await hole.stop()
      }
    }),
    contractCase('closes twice, and takes nothing after that', async ({ producer, topic, stored }) => {
      await producer.send(oneRecord(topic, 'kept'), DEADLINE_MS)
      await producer.close()
      await producer.close()
      await rejects(producer.send(oneRecord(topic, 'late'), DEADLINE_MS), { code: 'refused' })
      await rejects(producer.partitionsOf([topic], DEADLINE_MS), { code: 'refused' })
      equal((await stored()).length, 1)
    }),
    contractCase('closes unused', async ({ producer }) => producer.close()),
  ]

  function contractCase(
    name: string,
    check: (subject: KafkaUnderTest & { readonly producer: KafkaProducer }) => Promise<void>,
  ): ContractCase {
    return {
      name,
      run: async () => {
        const subject = await open()
        const producer = libraryAt(subject.brokers).openProducer()
        try {
          await check({ ...subject, producer })
        } finally {
          await producer.close()
        }
      },
    }
  }
}

function oneRecord(topic: string, value: string): PartitionRecords[] {
  return [{ topic, partition: 0, records: [{ key: bytes('viewer-1'), value: bytes(value), headers: {} }] }]
}

function bytes(text: string): Uint8Array {
  return Buffer.from(text)
}

/** A broker that accepts connections and never answers. */
async function blackHole() {
  const sockets = new Set<Socket>()
  let tell: (() => void) | undefined
  const accepted = new Promise<void>((resolve) => (tell = resolve))
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined).resume())
    tell!()
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    accepted,
    hasAccepted: () => sockets.size > 0,
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => void server.close(resolve))
    },
  }
}

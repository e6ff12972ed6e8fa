import { kafkaForTests } from '@fairtrial/brokers'
import type { LogEvent } from '@fairtrial/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { confluentModule } from '../../test/confluent-module.ts'
import {
  bareClient,
  deleteBefore,
  makeTopics,
  messageOf,
  sendTo,
  withProducer,
} from '../../test/kafka-client.ts'
import { sampleExposure, sampleOutcome } from '../testing/index.ts'
import { confluentLibrary } from './confluent-library.ts'
import { type KafkaLog, kafkaLog, type KafkaReadOptions } from './kafka-log.ts'
import type { KafkaCursor, KafkaLoss } from './kafka-portion.ts'
import type { KafkaReading } from './kafka-reader.ts'
import { kafkajsLibrary } from './kafkajs-library.ts'
import type { LogTopics } from './log-topics.ts'

const kafka = await kafkaForTests()
const { brokers } = kafka
const open: KafkaLog[] = []
const module = confluentModule()
/** Of the case that runs. */
let libraryAt: (brokers: readonly string[]) => KafkaReading

const LIBRARIES: Record<string, typeof libraryAt> = {
  kafkajs: (at) => kafkajsLibrary({ brokers: at }),
  ...(module !== undefined && {
    confluent: (at: readonly string[]) => confluentLibrary({ brokers: at, module }),
  }),
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((log) => log.close()))
})

function logOf(topics: LogTopics, more: Partial<Parameters<typeof kafkaLog>[0]> = {}): KafkaLog {
  const log = kafkaLog({ library: libraryAt(brokers), topics, deadlineMs: 20_000, ...more })
  open.push(log)
  return log
}

const exposure = (sequence: number) => sampleExposure({ sequence, unitId: `Zoë ${sequence}` })
const sequences = (events: readonly LogEvent[]) =>
  events.map(({ sequence }) => sequence).toSorted((a, b) => a - b)
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1)
/** As whoever stores it gets it back. */
const stored = (cursor: KafkaCursor) => JSON.parse(JSON.stringify(cursor)) as KafkaCursor

describe.skipIf(kafka.isMissing).each(Object.entries(LIBRARIES))('kafkaLog by %s', (_, library) => {
  beforeEach(() => {
    libraryAt = library
  })

  it('reads what is behind the cursor, of all partitions, and nothing twice', async () => {
    const topics = await makeTopics(kafka)
    const log = logOf(topics)
    const none = await log.readFrom(null)
    expect(none).toMatchObject({ events: [], bytesRead: 0, unreadableLines: 0, more: false, lost: [] })

    const first = upTo(10).map((n) => messageOf(exposure(n), n % 4))
    await sendTo(brokers, topics.exposures, first)
    await sendTo(brokers, topics.outcomes, [messageOf(sampleOutcome({ sequence: 11 }), 3)])
    const one = await log.readFrom(none.cursor)
    expect(sequences(one.events)).toEqual(upTo(11))
    expect(one.events.every(({ receivedAt }) => Number.isFinite(receivedAt))).toBe(true)
    expect(one.bytesRead).toBe(
      [...first, messageOf(sampleOutcome({ sequence: 11 }))].reduce(
        (sum, { value }) => sum + Buffer.byteLength(value!),
        0,
      ),
    )
    expect(await log.readFrom(one.cursor)).toMatchObject({ events: [], bytesRead: 0, cursor: one.cursor })

    await sendTo(brokers, topics.exposures, [messageOf(exposure(12), 1)])
    // A process that has restarted.
    const two = await logOf(topics).readFrom(stored(one.cursor))
    expect(sequences(two.events)).toEqual([12])
    expect(await log.readFrom(null)).toMatchObject({ cursor: two.cursor })
  })

  it('FAULTS 34: gives the same events of a topic that is replayed, in portions of any size', async () => {
    const topics = await makeTopics(kafka)
    await sendTo(
      brokers,
      topics.exposures,
      upTo(500).map((n) => messageOf(exposure(n), n % 4)),
    )
    const log = logOf(topics, { maximumBytes: 30_000 })
    for (const _ of ['once', 'and again']) {
      const seen: LogEvent[] = []
      let cursor: KafkaCursor | null = null
      let portions = 0
      for (let more = true; more; portions++) {
        const portion: Awaited<ReturnType<KafkaLog['readFrom']>> = await log.readFrom(cursor)
        seen.push(...portion.events)
        cursor = stored(portion.cursor)
        more = portion.more
      }
      expect(portions).toBeGreaterThan(2)
      expect(sequences(seen)).toEqual(upTo(500))
    }
  })

  it('reads no further than it is told, though more stands there', async () => {
    const topics = await makeTopics(kafka)
    const log = logOf(topics)
    await sendTo(
      brokers,
      topics.exposures,
      upTo(8).map((n) => messageOf(exposure(n), n % 4)),
    )
    const { cursor } = await log.readFrom(null)
    await sendTo(brokers, topics.exposures, [messageOf(exposure(9), 0)])
    const again = await log.readFrom(null, { until: cursor })
    expect(sequences(again.events)).toEqual(upTo(8))
    expect(again).toMatchObject({ cursor, more: false })
  })

  it('gives events by topic, partition and offset, whatever came first, and tells each record once', async () => {
    const topics = await makeTopics(kafka)
    const sent = upTo(12)
    await sendTo(
      brokers,
      topics.exposures,
      sent.map((n) => messageOf(exposure(n), n % 4)),
    )
    await sendTo(brokers, topics.outcomes, [messageOf(sampleOutcome({ sequence: 13 }), 0)])
    await sendTo(brokers, topics.exposures, [{ value: '{', partition: 0 }])
    const log = logOf(topics)
    const told: string[] = []
    const onRecord: KafkaReadOptions['onRecord'] = (topic, partition, { offset }) =>
      told.push(`${topic}/${partition}@${offset}`)
    const { cursor: half, ...first } = await log.readFrom(null, {
      until: { topics: { [topics.exposures]: { 0: { next: 2 }, 3: { next: 1 } } } },
      onRecord,
    })
    expect(first.events.map(({ sequence }) => sequence)).toEqual([4, 8, 3])
    // Of what is known, the record before is read again, which nobody need know.
    const { events } = await log.readFrom(half, { onRecord })
    expect(events.map(({ sequence }) => sequence)).toEqual([12, 1, 5, 9, 2, 6, 10, 7, 11, 13])
    const all = [4, 3, 3, 3].flatMap((records, partition) =>
      upTo(records).map((n) => `${topics.exposures}/${partition}@${n - 1}`),
    )
    expect(told.toSorted()).toEqual([...all, `${topics.outcomes}/0@0`].toSorted())
  })

  it('misses nothing of what it is not asked for, until it is', async () => {
    const topics = await makeTopics(kafka, 1)
    await sendTo(
      brokers,
      topics.exposures,
      upTo(5).map((n) => messageOf(exposure(n))),
    )
    const log = logOf(topics)
    const until = { topics: { [topics.exposures]: { 0: { next: 2 } } } }
    const { cursor } = await log.readFrom(null, { until })
    await deleteBefore(brokers, topics.exposures, 4)
    const again = await log.readFrom(cursor, { until })
    expect(again).toMatchObject({ events: [], cursor, lost: [] })
    await expect(log.readFrom(cursor)).rejects.toMatchObject({
      message: expect.stringContaining('offsets 2 to 3, were deleted'),
    })
  })

  it('FAULTS 39: counts what is no event, and goes on behind it', async () => {
    const topics = await makeTopics(kafka, 1)
    const poison = [
      null,
      '',
      '{',
      'null',
      '[]',
      '{"schema":"fairtrial.exposure/2"}',
      Buffer.from([0xff, 0xfe]),
      '['.repeat(400_000),
    ]
    await sendTo(
      brokers,
      topics.exposures,
      poison.flatMap((value, i) => [{ key: 'x', value, partition: 0 }, messageOf(exposure(i + 1))]),
    )
    const { events, unreadableLines } = await logOf(topics).readFrom(null)
    expect(sequences(events)).toEqual(upTo(poison.length))
    expect(unreadableLines).toBe(poison.length)
  })

  it('takes no gap of a transaction for a loss, and reads nothing that was taken back', async () => {
    const topics = await makeTopics(kafka, 1)
    const log = logOf(topics)
    const { cursor } = await log.readFrom(null)
    await withProducer(
      brokers,
      async (producer) => {
        for (const [n, ending] of [
          [1, 'commit'],
          [2, 'abort'],
          [3, 'commit'],
        ] as const) {
          const transaction = await producer.transaction()
          await transaction.send({ topic: topics.exposures, messages: [messageOf(exposure(n))] })
          await transaction[ending]()
        }
      },
      { transactionalId: topics.exposures, maxInFlightRequests: 1, idempotent: true },
    )
    const one = await log.readFrom(cursor)
    expect(sequences(one.events)).toEqual([1, 3])
    expect(one.cursor.topics[topics.exposures]).toMatchObject({ 0: { next: 6 } })
    await sendTo(brokers, topics.exposures, [messageOf(exposure(4))])
    const two = await log.readFrom(one.cursor)
    expect(sequences(two.events)).toEqual([4])
    expect(two.lost).toEqual([])
  })

  it('is loud where records were deleted before they were read, and says which', async () => {
    const topics = await makeTopics(kafka, 1)
    await sendTo(
      brokers,
      topics.exposures,
      upTo(3).map((n) => messageOf(exposure(n))),
    )
    const { cursor } = await logOf(topics).readFrom(null)
    await sendTo(
      brokers,
      topics.exposures,
      upTo(9)
        .slice(3)
        .map((n) => messageOf(exposure(n))),
    )
    await deleteBefore(brokers, topics.exposures, 7)
    await expect(logOf(topics).readFrom(cursor)).rejects.toMatchObject({
      code: 'io',
      message: expect.stringContaining('offsets 3 to 6, were deleted before they were read'),
    })
    const told: KafkaLoss[] = []
    const portion = await logOf(topics, { onLoss: (loss) => told.push(loss) }).readFrom(cursor)
    expect(sequences(portion.events)).toEqual([8, 9])
    expect(portion.lost).toEqual([{ topic: topics.exposures, partition: 0, from: 3, until: 7 }])
    expect(told).toEqual(portion.lost)
  })

  it('is loud where the topic was made anew, be it shorter or longer than what was read', async () => {
    const topics = await makeTopics(kafka, 1)
    await sendTo(
      brokers,
      topics.exposures,
      upTo(3).map((n) => messageOf(exposure(n))),
    )
    const { cursor } = await logOf(topics).readFrom(null)
    const admin = bareClient(brokers).admin()
    await admin.connect()
    await admin.deleteTopics({ topics: [topics.exposures] })
    const plan = { waitForLeaders: false, topics: [{ topic: topics.exposures }] }
    await expect.poll(() => admin.createTopics(plan).catch(() => false), { timeout: 20_000 }).toBe(true)
    const isThere = () => admin.fetchTopicOffsets(topics.exposures).then(Boolean, () => false)
    await expect.poll(isThere, { timeout: 20_000 }).toBe(true)
    await admin.disconnect()
    await expect(logOf(topics).readFrom(cursor)).rejects.toMatchObject({
      code: 'io',
      message: expect.stringContaining('ends at offset 0: the topic was made anew'),
    })
    await sendTo(
      brokers,
      topics.exposures,
      upTo(5).map((n) => messageOf(exposure(n))),
    )
    await expect(logOf(topics).readFrom(cursor)).rejects.toMatchObject({
      code: 'io',
      message: expect.stringContaining('another record stands before offset 3'),
    })
  })

  it('reads partitions that were added', async () => {
    const topics = await makeTopics(kafka, 2)
    const log = logOf(topics)
    await sendTo(brokers, topics.exposures, [messageOf(exposure(1), 1)])
    const { cursor } = await log.readFrom(null)
    const admin = bareClient(brokers).admin()
    await admin.connect()
    await admin.createPartitions({ topicPartitions: [{ topic: topics.exposures, count: 4 }] })
    await admin.disconnect()
    // Each alone: kafkajs sends the others again where the leader of one is not known yet.
    for (const n of [2, 3, 4]) await sendTo(brokers, topics.exposures, [messageOf(exposure(n), n - 1)])
    expect(sequences((await log.readFrom(cursor)).events)).toEqual([2, 3, 4])
  })

  it('does not take a topic that is not there for an empty log, and leaves no group behind', async () => {
    const topics = await makeTopics(kafka, 1)
    await expect(logOf({ ...topics, outcomes: 'nowhere' }).readFrom(null)).rejects.toMatchObject({
      code: 'misconfigured',
      message: expect.stringContaining('no topic nowhere'),
    })
    const log = logOf(topics, { library: kafkajsLibrary({ brokers, readerGroup: topics.exposures }) })
    await sendTo(brokers, topics.exposures, [messageOf(exposure(1))])
    await log.readFrom(null)
    await log.close()
    const admin = bareClient(brokers).admin()
    await admin.connect()
    const { groups } = await admin.listGroups()
    await admin.disconnect()
    expect(groups.filter(({ groupId }) => groupId.startsWith(topics.exposures))).toEqual([])
  })

  it('says so at its deadline where no broker answers', async () => {
    const log = kafkaLog({ library: libraryAt(['127.0.0.1:1']), deadlineMs: 300 })
    await expect(log.readFrom(null)).rejects.toMatchObject({ code: 'unreachable' })
    await log.close()
  })
})

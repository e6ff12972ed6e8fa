import { kafkaForTests } from '@fairtrial/brokers'
import { afterEach, describe, expect, it } from 'vitest'
import { confluentModule } from '../../test/confluent-module.ts'
import { bareClient, makeTopics } from '../../test/kafka-client.ts'
import { storedIn, withAdmin } from '../../test/stored-in-topic.ts'
import { batchOf } from '../index.ts'
import type { Sink } from '../sink.ts'
import { sampleExposure, sampleOutcome, sinkContract } from '../testing/index.ts'
import { confluentLibrary } from './confluent.ts'
import {
  kafkajsLibrary,
  type KafkaProducing,
  kafkaSink,
  type KafkaSinkOptions,
  type LogTopics,
  partitionOf,
} from './index.ts'

const kafka = await kafkaForTests()
const module = confluentModule()
const library = kafkajsLibrary({ brokers: kafka.brokers })
const LIBRARIES: Record<string, KafkaProducing> = {
  kafkajs: library,
  ...(module !== undefined && { confluent: confluentLibrary({ brokers: kafka.brokers, module }) }),
}
const sinks: Sink[] = []

afterEach(async () => {
  await Promise.all(sinks.splice(0).map((sink) => sink.close()))
})

function open(topics: LogTopics, options: Partial<KafkaSinkOptions> = {}): Sink {
  const sink = kafkaSink({ library, topics, ...options })
  sinks.push(sink)
  return sink
}

function everything(topics: LogTopics) {
  return storedIn(kafka.brokers, ...Object.values(topics))
}

describe.skipIf(kafka.isMissing)('kafkaSink', () => {
  describe.each(Object.entries(LIBRARIES))('by %s', (_, library) => {
    const contract = sinkContract(async () => {
      const topics = await makeTopics(kafka)
      const lines = async () => (await everything(topics)).map(({ value }) => value!)
      return { sink: open(topics, { library }), lines }
    })
    for (const { name, run } of contract) it(name, run)
  })

  it('keeps all of a unit in partitions of one number, where any language would put it', async () => {
    const topics = await makeTopics(kafka, 5)
    const unitIds = ['viewer-1', 'Zoë', '日本語', '😀']
    const events = unitIds.flatMap((unitId) => [sampleExposure({ unitId }), sampleOutcome({ unitId })])
    await open(topics).deliver(batchOf(events))
    const stored = await everything(topics)
    expect(stored.length).toBe(8)
    for (const { topic, key, partition, value } of stored) {
      const { unitId, schema } = JSON.parse(value!) as { unitId: string; schema: string }
      expect(key).toBe(unitId)
      expect(partition).toBe(partitionOf(Buffer.from(unitId), 5))
      expect(topic).toBe(schema.startsWith('fairtrial.exposure') ? topics.exposures : topics.outcomes)
    }
  })

  it('writes CloudEvents headers, and the time of sending as the timestamp', async () => {
    const topics = await makeTopics(kafka)
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    const long = sampleExposure({ exposedAt: 0, unitId: 'Zoë', traceparent })
    const report = {
      schema: 'fairtrial.producer/1',
      producerId: 'producer-1',
      sequence: 9,
      sdk: 'test/1',
      reportedAt: 1_767_225_600_000,
      isFinal: true,
      offered: 0,
      delivered: 0,
      deduplicated: 0,
      dropped: {},
      pending: 0,
      arms: [],
    } as const
    const before = Date.now()
    await open(topics).deliver(batchOf([long, sampleOutcome(), report]))
    const stored = await everything(topics)
    const headersIn = (topic: string) => stored.find((record) => record.topic === topic)?.headers
    expect(headersIn(topics.exposures)).toEqual({
      ce_specversion: '1.0',
      ce_id: long.exposureId,
      ce_source: 'producer-1',
      ce_type: 'fairtrial.exposure.v1',
      ce_time: '1970-01-01T00:00:00.000Z',
      ce_partitionkey: 'Zoë',
      'content-type': 'application/json',
      'fairtrial-schema': 'fairtrial.exposure/1',
      traceparent,
    })
    expect(headersIn(topics.outcomes)).toMatchObject({
      ce_id: 'producer-1:2',
      ce_type: 'fairtrial.outcome.v1',
      ce_partitionkey: 'viewer-1',
    })
    expect(headersIn(topics.summaries)).toMatchObject({
      ce_id: 'producer-1:9',
      ce_type: 'fairtrial.producer.v1',
      ce_time: '2026-01-01T00:00:00.000Z',
      ce_partitionkey: 'producer-1',
    })
    for (const { timestamp } of stored) expect(timestamp).toBeGreaterThanOrEqual(before)
  })

  it('stores a line that is no event as it is: readers put it aside', async () => {
    const topics = await makeTopics(kafka)
    const content = new TextEncoder().encode('not an event\n')
    await open(topics).deliver({ content, count: 1, kinds: ['outcome'], unitIds: ['viewer-1'] })
    expect(await everything(topics)).toMatchObject([
      { value: 'not an event', headers: { 'content-type': 'application/json' } },
    ])
  })

  it('refuses topics in which a unit would not be together', async () => {
    const topics = {
      ...(await makeTopics(kafka, 4)),
      outcomes: await kafka.createTopic('o', { partitions: 3 }),
    }
    const delivery = open(topics).deliver(batchOf([sampleExposure()]))
    await expect(delivery).rejects.toMatchObject({ code: 'misconfigured' })
    await expect(delivery).rejects.toThrow(/has 4 partitions and .* has 3/)
    expect(await everything(topics)).toEqual([])
  })

  it('sees partitions that are added while it runs, and loses nothing that kafkajs passes over', async () => {
    const topics = await makeTopics(kafka, 1)
    const sink = open(topics, { refreshMs: 0 })
    await sink.deliver(batchOf([sampleOutcome()]))
    const grow = (topic: string) =>
      withAdmin(bareClient(kafka.brokers).admin(), (admin) =>
        admin.createPartitions({ topicPartitions: [{ topic, count: 8 }] }),
      )
    await grow(topics.outcomes)
    await expect(untilRejected(sink, batchOf([sampleOutcome()]))).rejects.toMatchObject({
      code: 'misconfigured',
    })
    await grow(topics.exposures)
    const added = Array.from({ length: 40 }, (_, i) => sampleOutcome({ unitId: `added-${i}` }))
    await untilTaken(sink, batchOf(added))
    const stored = await storedIn(kafka.brokers, topics.outcomes)
    expect(stored.map(({ key }) => key)).toEqual(expect.arrayContaining(added.map(({ unitId }) => unitId)))
    expect(new Set(stored.map(({ partition }) => partition)).size).toBe(8)
  })

  it('says that a topic was deleted, and goes on when it is there again', async () => {
    const topics = await makeTopics(kafka)
    const sink = open(topics, { refreshMs: 0 })
    await sink.deliver(batchOf([sampleOutcome()]))
    await withAdmin(bareClient(kafka.brokers).admin(), (admin) =>
      admin.deleteTopics({ topics: [topics.outcomes] }),
    )
    await expect(untilRejected(sink, batchOf([sampleOutcome()]))).rejects.toMatchObject({
      code: 'misconfigured',
    })
    await withAdmin(bareClient(kafka.brokers).admin(), (admin) =>
      admin.createTopics({ topics: [{ topic: topics.outcomes, numPartitions: 4 }], waitForLeaders: true }),
    )
    await untilTaken(sink, batchOf([sampleOutcome({ outcomeId: 'again' })]))
    expect((await storedIn(kafka.brokers, topics.outcomes)).length).toBe(1)
  })

  it('FAULTS 26: rejects the lines that are too large, by our limit or by the topic, and stores the others', async () => {
    const topics = await makeTopics(kafka, 2, { 'max.message.bytes': 20_000 })
    const exposures = Array.from({ length: 40 }, (_, i) =>
      sampleExposure({
        unitId: `viewer-${i}`,
        sequence: i + 1,
        ...(i % 13 === 5 && { trigger: 'x'.repeat(30_000) }),
        ...(i === 20 && { trigger: 'x'.repeat(60_000) }),
      }),
    )
    const sink = open(topics, { maximumRecordBytes: 50_000 })
    const { rejected } = await sink.deliver(batchOf(exposures))
    expect(rejected.map(({ code }) => code)).toEqual(['too-large', 'too-large', 'too-large', 'too-large'])
    expect(new Set(rejected.map(({ line }) => line))).toEqual(new Set([6, 19, 21, 32]))
    expect(rejected.find(({ line }) => line === 21)?.detail).toMatch(/maximumRecordBytes is 50000/)
    const stored = new Set((await everything(topics)).map(({ key }) => key))
    expect(stored.size).toBe(36)
  })
})

it('refuses a limit that is none', () => {
  expect(() => kafkaSink({ library, timeoutMs: Number.NaN })).toThrow(/timeoutMs is NaN/)
})

/** A change of topics takes its time to get around. */
async function untilRejected(sink: Sink, batch: Parameters<Sink['deliver']>[0]): Promise<never> {
  for (;;) await sink.deliver(batch)
}

async function untilTaken(sink: Sink, batch: Parameters<Sink['deliver']>[0]): Promise<void> {
  for (;;) {
    try {
      await sink.deliver(batch)
      return
    } catch {
      await new Promise((resolve) => void setTimeout(resolve, 50))
    }
  }
}

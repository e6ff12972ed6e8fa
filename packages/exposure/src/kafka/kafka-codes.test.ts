import { missingForTests, type MockCluster, startMockCluster } from '@fairtrial/brokers'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { confluentModule } from '../../test/confluent-module.ts'
import { follow, type Follower } from '../../test/stored-in-topic.ts'
import { batchOf, createRecorder } from '../index.ts'
import { sampleArm, sampleOutcome } from '../testing/index.ts'
import { confluentLibrary } from './confluent.ts'
import { kafkajsLibrary, kafkaSink, topicsOf } from './index.ts'
import type { KafkaProducing } from './kafka-producer.ts'

// What a real broker cannot be told to answer: librdkafka's mock cluster, which serves a request or answers an error.
const PRODUCE = 0
const module = confluentModule()
const LIBRARIES: Record<string, (brokers: readonly string[]) => KafkaProducing> = {
  kafkajs: (brokers) => kafkajsLibrary({ brokers }),
  ...(module !== undefined && {
    confluent: (brokers: readonly string[]) => confluentLibrary({ brokers, module }),
  }),
}

describe.skipIf(missingForTests().mockCluster).each(Object.entries(LIBRARIES))('%s', (name, libraryAt) => {
  const topics = topicsOf(name)
  let mock: MockCluster
  let follower: Follower
  let producers = 0

  beforeAll(async () => {
    mock = await startMockCluster()
    for (const topic of Object.values(topics)) await mock.createTopic(topic, 2)
    follower = await follow(mock.brokers, [topics.exposures, topics.outcomes])
  })
  afterAll(async () => {
    await follower?.stop()
    await mock?.stop()
  })

  function open(timeoutMs = 5_000) {
    const sink = kafkaSink({ library: libraryAt(mock.brokers), topics, timeoutMs })
    const producerId = `producer-${producers++}`
    const idsStored = async () => {
      const own = (await follower.records()).filter(({ headers }) => headers.ce_source === producerId)
      return own.map(({ headers }) => headers.ce_id!)
    }
    const record = () => createRecorder({ sink, producerId, report: false, retry: { baseMs: 20 } })
    const outcomes = (...outcomeIds: readonly string[]) =>
      batchOf(outcomeIds.map((outcomeId, i) => sampleOutcome({ outcomeId, producerId, sequence: i + 1 })))
    return { sink, idsStored, record, outcomes }
  }

  it.each([
    ['NOT_LEADER_OR_FOLLOWER', 6],
    ['COORDINATOR_LOAD_IN_PROGRESS', 14],
    ['REQUEST_TIMED_OUT', 7],
    ['NOT_ENOUGH_REPLICAS', 19],
    ['NOT_ENOUGH_REPLICAS_AFTER_APPEND', 20],
    ['LEADER_NOT_AVAILABLE', 5],
    ['UNKNOWN_TOPIC_OR_PARTITION, of a broker that has just come up', 3],
  ])('FAULTS 25: brings everything through %s', async (_, code) => {
    const { idsStored, record } = open()
    const recorder = record()
    await mock.pushErrors(PRODUCE, code, 2)
    for (let i = 0; i < 20; i++) recorder.expose(sampleArm({ unitId: `viewer-${i}` }))
    const account = await recorder.close(30_000)
    expect(account).toMatchObject({ offered: 20, delivered: 20, pending: 0 })
    // librdkafka tries again by itself.
    if (name === 'kafkajs') expect(account.retries).toBe(2)
    expect(new Set(await idsStored()).size).toBe(20)
  })

  it.each([
    ['INVALID_RECORD', 87, 'invalid-event'],
    ['MESSAGE_TOO_LARGE', 10, 'too-large'],
    ['RECORD_LIST_TOO_LARGE', 18, 'too-large'],
  ])('FAULTS 26: after %s, finds the record and stores the others', async (_, code, reason) => {
    const { sink, idsStored, outcomes } = open()
    // Four records, two of them, one of them: all are of one unit and so of one partition.
    await mock.pushErrors(PRODUCE, code, 3)
    const { rejected } = await sink.deliver(outcomes('a', 'b', 'c', 'd'))
    expect(rejected).toMatchObject([{ line: 1, code: reason }])
    expect(await idsStored()).toEqual(['b', 'c', 'd'])
    await sink.close()
  })

  it.each([
    ['TOPIC_AUTHORIZATION_FAILED', 29],
    ['CLUSTER_AUTHORIZATION_FAILED', 31],
    ['INVALID_TIMESTAMP', 32],
    ['UNSUPPORTED_COMPRESSION_TYPE', 76],
  ])('FAULTS 26: does not hope for better after %s, and goes on when it is mended', async (_, code) => {
    const { sink, idsStored, outcomes } = open()
    await mock.pushErrors(PRODUCE, code, 1)
    await expect(sink.deliver(outcomes('a'))).rejects.toMatchObject({ code: 'misconfigured' })
    expect(await sink.deliver(outcomes('a'))).toEqual({ rejected: [] })
    expect(await idsStored()).toEqual(['a'])
    await sink.close()
  })

  it('takes DUPLICATE_SEQUENCE_NUMBER for stored, and asks again for the partitions it knows nothing of', async () => {
    const { sink, idsStored } = open()
    await mock.pushErrors(PRODUCE, 46, 1)
    const events = Array.from({ length: 8 }, (_, i) =>
      sampleOutcome({ unitId: `unit-${31 * i}`, outcomeId: `${i}`, producerId: `producer-${producers - 1}` }),
    )
    expect(await sink.deliver(batchOf(events))).toEqual({ rejected: [] })
    // The mock stored nothing of what it called a duplicate; kafkajs tells of one partition for all of them.
    if (name === 'kafkajs') expect(new Set(await idsStored()).size).toBe(8)
    await sink.close()
  })

  it('FAULTS 33: sends again what was stored but not answered in time; distinct ids are what was offered', async () => {
    const { idsStored, record } = open(400)
    const recorder = record()
    // kafkajs asks for the metadata of a topic before it sends there for the first time.
    recorder.expose(sampleArm({ unitId: 'first' }))
    await recorder.flush(20_000)
    await mock.setLatency(0, 800)
    for (let i = 0; i < 10; i++) recorder.expose(sampleArm({ unitId: `viewer-${i}` }))
    await vi.waitFor(() => expect(recorder.health().status).not.toBe('healthy'), { timeout: 20_000 })
    await mock.setLatency(0, 0)
    expect(await recorder.close(30_000)).toMatchObject({ offered: 11, delivered: 11 })
    const ids = await idsStored()
    expect(new Set(ids).size).toBe(11)
    expect(ids.length).toBeGreaterThan(11)
  })
})

import { expect, it } from 'vitest'
import { batchOf } from '../event-batch.ts'
import { sampleExposure } from '../testing/index.ts'
import type { KafkaProducer, PartitionRecords } from './kafka-producer.ts'
import { kafkaSink } from './kafka-sink.ts'
import { sortByPartition } from './shipment.ts'

const TOPICS = { exposure: 'exposures', outcome: 'outcomes', summary: 'summaries' }
const PARTITIONS = { exposures: 4, outcomes: 4, summaries: 4 }

it.each([
  ['ASCII', 'viewer-1'],
  ['other alphabets', 'Zoë 日本語 😀'],
])('sends lines of %s as they stand', (_, unitId) => {
  const batch = batchOf([sampleExposure({ unitId }), sampleExposure({ unitId, sequence: 2 })])
  const { shipments } = sortByPartition(batch, TOPICS, PARTITIONS, 900_000)
  const values = shipments.flatMap(({ records }) => records.map(({ value }) => Buffer.from(value!)))
  expect(Buffer.concat(values.flatMap((value) => [value, Buffer.from('\n')]))).toEqual(
    Buffer.from(batch.content),
  )
})

it('leaves bytes that are no UTF-8 alone', () => {
  const content = Buffer.from([0x7b, 0xff, 0x7d, 0x0a, 0x7b, 0x7d, 0x0a])
  const batch = { content, count: 2, kinds: ['exposure', 'exposure'] as const, unitIds: ['a', 'a'] }
  const { shipments } = sortByPartition(batch, TOPICS, PARTITIONS, 900_000)
  const values = shipments.flatMap(({ records }) => records.map(({ value }) => Buffer.from(value!)))
  expect(values).toEqual([content.subarray(0, 3), content.subarray(4, 6)])
})

it('measures a line by its bytes, not by its letters', () => {
  const batch = batchOf([sampleExposure({ unitId: '日'.repeat(100) })])
  const bytes = batch.content.length - 1 + 300
  expect(sortByPartition(batch, TOPICS, PARTITIONS, bytes).rejected).toEqual([])
  expect(sortByPartition(batch, TOPICS, PARTITIONS, bytes - 1).rejected).toHaveLength(1)
})

/** A library that keeps what it is sent, and has as many partitions as it is told. */
function recording(counts: { partitions: number }) {
  const sent: (readonly PartitionRecords[])[] = []
  const producer: KafkaProducer = {
    partitionsOf: async (topics) => Object.fromEntries(topics.map((topic) => [topic, counts.partitions])),
    send: async (records) => void sent.push(records),
    close: async () => undefined,
  }
  return { sent, library: { openProducer: () => producer } }
}

const turn = () => new Promise((resolve) => void setImmediate(resolve))

it('sends a batch that it was told of beforehand just as any other', async () => {
  const batches = ['a', 'b', 'c'].map((unitId) => batchOf([sampleExposure({ unitId })]))
  const [told, untold] = [recording({ partitions: 4 }), recording({ partitions: 4 })]
  const sinks = [kafkaSink(told), kafkaSink(untold)] as const
  for (const [index, batch] of batches.entries()) {
    for (const sink of sinks) await sink.deliver(batch)
    // Also of one that does not come next.
    sinks[0].prepare!(batches[index + 1] ?? batches[0]!)
    if (index > 0) sinks[0].prepare!(batches[0]!)
    await turn()
  }
  expect(told.sent).toEqual(untold.sent)
})

it('sorts anew what it has sorted for fewer partitions', async () => {
  const counts = { partitions: 1 }
  const { sent, library } = recording(counts)
  const sink = kafkaSink({ library, refreshMs: 0 })
  const batch = batchOf(Array.from({ length: 20 }, (_, i) => sampleExposure({ unitId: `viewer-${i}` })))
  await sink.deliver(batch)
  sink.prepare!(batch)
  await turn()
  counts.partitions = 8
  await turn()
  await new Promise((resolve) => void setTimeout(resolve, 5))
  await sink.deliver(batch)
  expect(sent[0]).toHaveLength(1)
  expect(sent[1]!.length).toBeGreaterThan(1)
})

import { createTopics, connectKafka, uniqueTopic } from '@fairtrial/brokers'
import { kafkajsLibrary, kafkaLog, topicsOf } from '@fairtrial/exposure/kafka'
import { type ExposureEvent, exposureId } from '@fairtrial/protocol'
import { type Consumer, Kafka, logLevel } from 'kafkajs'
import { race } from './race.ts'
import { type Row, row } from './row.ts'

const EVENTS = 100_000
const PARTITIONS = 4
const BATCH = 1_000

function exposureAt(index: number): ExposureEvent {
  const unitId = `viewer-${index.toString(36).padStart(8, '0')}`
  const variant = index % 2 === 0 ? 'control' : 'model'
  return {
    schema: 'fairtrial.exposure/1',
    exposureId: exposureId('home-row', 1, variant, unitId),
    experiment: 'home-row',
    fingerprint: '0123456789abcdef'.repeat(4),
    phase: 1,
    revision: 3,
    unitType: 'viewer',
    unitId,
    variant,
    bucket: (index * 7919) % 1_000_000,
    seed: 2_845_108_203,
    propensity: 0.5,
    reason: 'assigned',
    exposedAt: 1_780_000_000_000 + index,
    producerId: 'service-1',
    sequence: index + 1,
    sdk: 'fairtrial/0.0.0',
  }
}

async function fill(client: Kafka, topic: string): Promise<void> {
  const producer = client.producer()
  await producer.connect()
  for (let start = 0; start < EVENTS; start += BATCH) {
    const messages = Array.from({ length: BATCH }, (_, i) => {
      const event = exposureAt(start + i)
      return { key: event.unitId, value: JSON.stringify(event), partition: (start / BATCH) % PARTITIONS }
    })
    await producer.send({ topic, acks: -1, messages })
  }
  await producer.disconnect()
}

/** `eachBatch` with JSON.parse and nothing else: no cursor, no check, no loss that anybody would notice. */
async function bareReader(client: Kafka, topic: string) {
  const consumer: Consumer = client.consumer({ groupId: uniqueTopic('bare'), maxWaitTimeInMs: 100 })
  const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition)
  let seen = 0
  let done = () => {}
  consumer.on(consumer.events.GROUP_JOIN, () => consumer.pause([{ topic, partitions }]))
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch, isStale }) => {
      if (isStale()) return
      for (const { value } of batch.messages) JSON.parse(value?.toString() ?? '')
      seen += batch.messages.length
      if (seen < EVENTS) return
      consumer.pause([{ topic, partitions }])
      done()
    },
  })
  return {
    read: () =>
      new Promise<void>((resolve) => {
        seen = 0
        done = resolve
        for (const partition of partitions) consumer.seek({ topic, partition, offset: '0' })
        consumer.resume([{ topic, partitions }])
      }),
    close: () => consumer.disconnect(),
  }
}

/** A topic from its first record to its last. Both stay in their groups from round to round. */
export async function run(): Promise<Row[]> {
  const kafka = await connectKafka()
  const client = new Kafka({ brokers: [...kafka.brokers], logLevel: logLevel.NOTHING })
  const topics = topicsOf(uniqueTopic('bench'))
  const log = kafkaLog({ library: kafkajsLibrary({ brokers: kafka.brokers }), topics })
  let bare: Awaited<ReturnType<typeof bareReader>> | undefined
  try {
    const plans = Object.values(topics).map((topic) => ({ topic, partitions: PARTITIONS }))
    await createTopics(kafka.brokers, plans)
    await fill(client, topics.exposures)
    bare = await bareReader(client, topics.exposures)
    const timings = await race({
      'kafkajs eachBatch, JSON.parse': { size: EVENTS, run: bare.read },
      kafkaLog: {
        size: EVENTS,
        run: async () => {
          const { events } = await log.readFrom(null)
          if (events.length !== EVENTS) throw new Error(`${events.length} of ${EVENTS} events came`)
        },
      },
    })
    const job = 'read from Kafka, an event'
    return [
      row(job, timings, 'kafkajs eachBatch, JSON.parse'),
      row(job, timings, 'kafkaLog', { against: 'kafkajs eachBatch, JSON.parse', target: { atMost: 1.5 } }),
    ]
  } finally {
    await bare?.close()
    await log.close()
    await kafka.stop()
  }
}

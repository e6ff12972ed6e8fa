import { kafkaForTests } from '@fairtrial/brokers'
import { batchOf } from '@fairtrial/exposure'
import { kafkajsLibrary, kafkaSink } from '@fairtrial/exposure/kafka'
import { afterEach, describe, expect, it } from 'vitest'
import { batch, eventsOf, localPlane, NDJSON } from '../test/local-plane.ts'

const kafka = await kafkaForTests()
const patient = { timeout: 60_000 }
const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

describe.skipIf(kafka.isMissing)('--kafka', () => {
  it('reads topics beside what is sent here, once, also over a restart', async () => {
    const topics = {
      exposures: await kafka.createTopic('plane-exposures', { partitions: 3 }),
      outcomes: await kafka.createTopic('plane-outcomes', { partitions: 3 }),
      summaries: await kafka.createTopic('plane-summaries'),
    }
    const options = { kafka: kafka.brokers, kafkaTopics: topics }
    const sink = kafkaSink({ library: kafkajsLibrary({ brokers: kafka.brokers }), topics })
    ends.push(() => sink.close())
    await sink.deliver(batchOf(eventsOf(['viewer-1', 'viewer-2', 'viewer-3'], 'by-kafka')))

    const first = await localPlane(options)
    ends.push(first.remove)
    await first.post('/v1/events', batch(eventsOf(['viewer-4'], 'by-http')), NDJSON)
    const units = async ({ plane }: typeof first) => (await plane.view('home-row')).evaluation?.units['new']
    await expect.poll(() => units(first), patient).toBe(4)
    expect(await (await first.get('/metrics')).text()).toContain(
      'fairtrial_kafka_records_total{result="events"} 6',
    )
    await first.close()

    await sink.deliver(batchOf(eventsOf(['viewer-5'], 'by-kafka-again')))
    const second = await localPlane({ ...options, directory: first.directory })
    ends.push(second.close)
    await expect.poll(() => units(second), patient).toBe(5)
    expect((await second.plane.view('home-row')).audit?.counts.exposures).toBe(5)
  })
})

describe('a Kafka that is not there', () => {
  it('keeps nothing else from being done: state is told, an abort is taken', async () => {
    const plane = await localPlane({ kafka: ['127.0.0.1:1'] })
    ends.push(plane.remove, plane.close)
    expect((await plane.get('/v1/state')).status).toBe(200)
    const order = JSON.stringify({ by: 'ada', reason: 'Complaints.' })
    expect((await plane.post('/v1/experiments/home-row/abort', order)).status).toBe(200)
  })
})

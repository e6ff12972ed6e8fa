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

describe.skipIf(kafka.isMissing)('a backlog', () => {
  it('FAULTS 54: is looked at when all of it has landed, and not when half of it has', async () => {
    const topics = {
      exposures: await kafka.createTopic('backlog-exposures', { partitions: 3 }),
      outcomes: await kafka.createTopic('backlog-outcomes', { partitions: 3 }),
      summaries: await kafka.createTopic('backlog-summaries'),
    }
    const sink = kafkaSink({ library: kafkajsLibrary({ brokers: kafka.brokers }), topics })
    ends.push(() => sink.close())
    const viewers = Array.from({ length: 10_000 }, (_, i) => `viewer-${i}`)
    for (let i = 0; i < viewers.length; i += 1_000) {
      const some = viewers.slice(i, i + 1_000)
      await sink.deliver(batchOf(eventsOf(some, `service-${i}`)))
    }
    const seen: number[] = []
    const plane = await localPlane({
      kafka: kafka.brokers,
      kafkaTopics: topics,
      onNotice: (notice) => {
        const units = notice.kind === 'tick' ? notice.result.evaluation?.units['new'] : undefined
        if (units !== undefined) seen.push(units)
      },
    })
    ends.push(plane.remove, plane.close)
    await expect.poll(() => seen.length, patient).toBeGreaterThan(2)
    expect(new Set(seen)).toEqual(new Set([10_000]))
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

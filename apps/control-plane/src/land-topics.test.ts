import { kafkaForTests } from '@fairtrial/brokers'
import { batchOf } from '@fairtrial/exposure'
import { type KafkaLibrary, kafkajsLibrary, kafkaSink } from '@fairtrial/exposure/kafka'
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
    const options = { kafka: kafka.brokers, landing: { topics } }
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
      landing: { topics },
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

/** kafkajs, but that what comes of one topic is kept back until it is let go. */
function holdingBack(topic: string) {
  const kafkajs = kafkajsLibrary({ brokers: kafka.brokers })
  const kept: (() => Promise<void>)[] = []
  let isHeld = false
  const library: KafkaLibrary = {
    ...kafkajs,
    joinGroup: (membership) =>
      kafkajs.joinGroup({
        ...membership,
        async take(records) {
          if (isHeld && records.topic === topic) kept.push(() => membership.take(records))
          else await membership.take(records)
        },
      }),
  }
  return {
    library,
    hold: () => void (isHeld = true),
    async letGo() {
      isHeld = false
      for (const take of kept.splice(0)) await take()
    },
  }
}

describe.skipIf(kafka.isMissing)('a topic that lags behind the others', () => {
  it('FAULTS 54: is missing evidence, by name, until it has landed; a busy one that lands is none', async () => {
    const topics = {
      exposures: await kafka.createTopic('lagging-exposures'),
      outcomes: await kafka.createTopic('lagging-outcomes'),
      summaries: await kafka.createTopic('lagging-summaries'),
    }
    const sink = kafkaSink({ library: kafkajsLibrary({ brokers: kafka.brokers }), topics })
    ends.push(() => sink.close())
    const { library, hold, letGo } = holdingBack(topics.outcomes)
    const plane = await localPlane({
      kafka: kafka.brokers,
      landing: { topics, library, patienceMs: 5_000 },
      tickMs: 200,
    })
    ends.push(plane.remove, plane.close)
    const view = () => plane.plane.view('home-row')
    const units = async () => (await view()).evaluation?.units['new']
    let sent = 0
    const send = async () => {
      sent += 100
      const viewers = Array.from({ length: 100 }, (_, i) => `viewer-${sent + i}`)
      await sink.deliver(batchOf(eventsOf(viewers, `service-${sent}`)))
    }
    await send()
    await expect.poll(units, patient).toBe(100)

    // Busy for longer than the patience.
    plane.lines.length = 0
    const busyUntil = performance.now() + 7_000
    while (performance.now() < busyUntil) await send()
    expect(plane.lines.filter((line) => line.includes('the look failed'))).toEqual([])
    await expect.poll(units, patient).toBe(sent)

    hold()
    await send()
    const late = new RegExp(
      `^${topics.outcomes}, partition 0, lags: 100 records that stood there at 20.*Z have not`,
    )
    await expect.poll(async () => (await view()).error, patient).toMatch(late)
    const rule = async () => (await view()).decision?.rule
    await expect.poll(rule, patient).toBe('missing-evidence')
    expect(await view()).toMatchObject({ decision: { action: 'hold' }, state: { status: 'holding' } })
    // It can do its job: grant state, hold, take an abort.
    expect((await plane.get('/readyz')).status).toBe(200)
    expect((await plane.get('/v1/state')).status).toBe(200)

    await letGo()
    await expect.poll(async () => (await view()).error, patient).toBeNull()
    await expect.poll(units, patient).toBe(sent)
    expect(await rule()).not.toBe('missing-evidence')
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

import { kafkaForTests } from '@fairtrial/brokers'
import { defineExperiment, type ExperimentDefinition, type LogEvent } from '@fairtrial/protocol'
import { batchOf } from '@fairtrial/exposure'
import { type KafkaLibrary, kafkajsLibrary, kafkaSink } from '@fairtrial/exposure/kafka'
import { afterEach, describe, expect, it } from 'vitest'
import { definition } from '../test/trial.ts'
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

/** kafkajs, but that what comes of one topic, or of one partition of it, is kept back until it is let go. */
function holdingBack(topic: string, partition?: number) {
  const kafkajs = kafkajsLibrary({ brokers: kafka.brokers })
  const kept: (() => Promise<void>)[] = []
  let isHeld = false
  const library: KafkaLibrary = {
    ...kafkajs,
    joinGroup: (membership) =>
      kafkajs.joinGroup({
        ...membership,
        async take(records) {
          const isOurs = records.topic === topic && (partition ?? records.partition) === records.partition
          if (isHeld && isOurs) kept.push(() => membership.take(records))
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

describe.skipIf(kafka.isMissing)('while half of the outcomes lag', () => {
  const limited = defineExperiment({
    ...definition,
    metrics: {
      ...definition.metrics,
      errors: { type: 'proportion', role: 'guardrail', direction: 'decrease', window: '1h' },
    },
    guardrails: [
      { metric: 'errors', margin: { absolute: 1 }, class: 'critical', hardLimit: { worst: 0.3 } },
      { metric: 'started', margin: { absolute: 0.1 }, action: 'abort' },
    ],
  } as ExperimentDefinition)

  it('FAULTS 54: a healthy rollout holds, and a catastrophe in the other half aborts', async () => {
    const topics = {
      exposures: await kafka.createTopic('half-exposures', { partitions: 2 }),
      outcomes: await kafka.createTopic('half-outcomes', { partitions: 2 }),
      summaries: await kafka.createTopic('half-summaries'),
    }
    const sink = kafkaSink({ library: kafkajsLibrary({ brokers: kafka.brokers }), topics })
    ends.push(() => sink.close())
    const { library, hold } = holdingBack(topics.outcomes, 0)
    const plane = await localPlane({
      experiments: [limited],
      kafka: kafka.brokers,
      landing: { topics, library, patienceMs: 3_000 },
      tickMs: 200,
    })
    ends.push(plane.remove, plane.close)
    const view = () => plane.plane.view('home-row')
    const send = async (name: string, share: number) => {
      const events = eventsOf(
        Array.from({ length: 200 }, (_, i) => `${name}-${i}`),
        name,
      ).flatMap((event, i): LogEvent[] => {
        const at = Date.now() - 1_000
        if (event.schema === 'fairtrial.exposure/1') {
          return [{ ...event, fingerprint: limited.fingerprint, exposedAt: at }]
        }
        const isHit = i % 200 < share * 200
        return isHit && event.schema === 'fairtrial.outcome/1'
          ? [{ ...event, name: 'errors', occurredAt: at }]
          : []
      })
      await sink.deliver(batchOf(events))
    }
    await send('before', 0)
    await expect.poll(async () => (await view()).evaluation?.units['new'], patient).toBe(200)
    hold()
    await send('healthy', 0.1)
    const rule = async () => (await view()).decision?.rule
    await expect.poll(rule, patient).toBe('missing-evidence')
    expect(await view()).toMatchObject({
      state: { status: 'holding' },
      evaluation: { units: { new: 400 } },
      audit: null,
      error: expect.stringContaining(`${topics.outcomes}, partition 0, lags`),
    })
    const until = performance.now() + 1_500
    while (performance.now() < until) expect((await view()).state?.status).toBe('holding')

    for (let i = 0; i < 6; i++) await send(`catastrophe-${i}`, 1)
    await expect.poll(rule, patient).toBe('finished')
    const { transitions } = await view()
    expect(transitions.at(-1)).toMatchObject({ to: { status: 'aborted' }, decision: { rule: 'hard-limit' } })
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

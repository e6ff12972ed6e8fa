import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type KafkaCluster, missingForTests, type Proxy, startKafka, startProxy } from '@fairtrial/brokers'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { storedIn } from '../../test/stored-in-topic.ts'
import { batchOf, createRecorder } from '../index.ts'
import { fileSpool } from '../spool/index.ts'
import { sampleArm, sampleExposure } from '../testing/index.ts'
import { kafkajsLibrary, kafkaSink, type LogTopics, topicsOf } from './index.ts'
import type { KafkaProducing } from './kafka-producer.ts'

const PATIENCE = { timeout: 60_000, interval: 20 }

describe.skipIf(missingForTests().kafka)('a broker behind a door that fails', () => {
  let cluster: KafkaCluster
  let proxy: Proxy
  let count = 0

  beforeAll(async () => {
    const advertise = async (broker: string) => (proxy = await startProxy(broker)).address
    cluster = await startKafka({ advertise })
  })
  afterAll(async () => {
    await cluster?.stop()
    await proxy?.stop()
  })

  async function open(timeoutMs: number) {
    const topics = await topicsOn(cluster, `door-${count++}`)
    const library = kafkajsLibrary({ brokers: cluster.brokers, idleMs: 200 })
    return { topics, sink: kafkaSink({ library, topics, timeoutMs }) }
  }

  it('FAULTS 23: gives up on a broker that accepts and never answers, at its own deadline, and comes back', async () => {
    const { topics, sink } = await open(300)
    const batch = batchOf([sampleExposure()])
    proxy.setMode('black-hole')
    await expect(sink.deliver(batch)).rejects.toThrow(/did not tell the partitions of its topics in 0\.3 s/)
    proxy.setMode('pass')
    await vi.waitFor(() => sink.deliver(batch), PATIENCE)
    proxy.setMode('black-hole')
    await expect(sink.deliver(batch)).rejects.toThrow(/did not store a batch in 0\.3 s/)
    proxy.setMode('pass')
    await vi.waitFor(() => sink.deliver(batch), PATIENCE)
    expect(new Set(await idsIn(cluster, topics))).toEqual(new Set([sampleExposure().exposureId]))
    await sink.close()
  })

  it.each(['reset', 'half-close'] as const)('comes back after connections that %s', async (mode) => {
    const { topics, sink } = await open(2_000)
    const batch = batchOf([sampleExposure()])
    await sink.deliver(batch)
    proxy.setMode(mode)
    await expect(sink.deliver(batch)).rejects.toMatchObject({ code: 'unreachable' })
    proxy.setMode('pass')
    await vi.waitFor(() => sink.deliver(batch), PATIENCE)
    expect(new Set(await idsIn(cluster, topics)).size).toBe(1)
    await sink.close()
  })

  it('FAULTS 24: has one batch under way at a slow broker, however much waits', async () => {
    const { topics } = await open(10_000)
    const library = watched(kafkajsLibrary({ brokers: cluster.brokers }))
    const sink = kafkaSink({ library, topics })
    const recorder = createRecorder({ sink, report: false, batch: { maximumEvents: 100 } })
    proxy.setMode({ latencyMs: 150 })
    try {
      for (let i = 0; i < 1_000; i++) recorder.expose(sampleArm({ unitId: `viewer-${i}` }))
      expect(recorder.account()).toMatchObject({ offered: 1_000, pending: 1_000 })
      expect(await recorder.close(60_000)).toMatchObject({ delivered: 1_000 })
    } finally {
      proxy.setMode('pass')
    }
    expect(library.peak).toEqual({ requests: 1, records: 100 })
    expect(new Set(await idsIn(cluster, topics)).size).toBe(1_000)
  })

  it('FAULTS 33: sends again what a real broker stored and could not answer in time', async () => {
    const { topics, sink } = await open(400)
    const recorder = createRecorder({ sink, report: false, retry: { baseMs: 20 } })
    recorder.expose(sampleArm({ unitId: 'first' }))
    await recorder.flush(20_000)
    proxy.setMode({ latencyMs: 1_000 })
    for (let i = 0; i < 10; i++) recorder.expose(sampleArm({ unitId: `viewer-${i}` }))
    await vi.waitFor(() => expect(recorder.health().status).toBe('degraded'), PATIENCE)
    proxy.setMode('pass')
    expect(await recorder.close(60_000)).toMatchObject({ offered: 11, delivered: 11 })
    const ids = await idsIn(cluster, topics)
    expect(new Set(ids).size).toBe(11)
    expect(ids.length).toBeGreaterThan(11)
  })

  it('lets go of an idle connection, on which kafkajs calls a timer each millisecond, and opens another', async () => {
    const { topics, sink } = await open(10_000)
    await sink.deliver(batchOf([sampleExposure()]))
    const timers = vi.spyOn(globalThis, 'setTimeout')
    try {
      const callsIn = async (ms: number) => {
        timers.mockClear()
        await new Promise((resolve) => void setInterval(resolve, ms).unref())
        return timers.mock.calls.filter(([, delay]) => (delay ?? 0) < 0).length
      }
      expect(await callsIn(100)).toBeGreaterThan(0)
      await vi.waitFor(async () => expect(await callsIn(100)).toBe(0), PATIENCE)
    } finally {
      timers.mockRestore()
    }
    await sink.deliver(batchOf([sampleExposure({ exposureId: 'second' })]))
    expect((await idsIn(cluster, topics)).length).toBe(2)
    await sink.close()
  })

  it('FAULTS 26: takes a broker that knows no SASL for a mistake that somebody must mend', async () => {
    const { topics } = await open(5_000)
    const sasl = { mechanism: 'plain', username: 'fairtrial', password: 'secret' } as const
    const sink = kafkaSink({ library: kafkajsLibrary({ brokers: cluster.brokers, sasl }), topics })
    await expect(sink.deliver(batchOf([sampleExposure()]))).rejects.toMatchObject({ code: 'misconfigured' })
    await sink.close()
  })

  it('FAULTS 22: with the broker killed before the start, and in mid-run, everything arrives that was offered', async () => {
    const { topics, sink } = await open(2_000)
    const directory = mkdtempSync(join(tmpdir(), 'fairtrial-spool-'))
    const recorder = createRecorder({
      sink,
      report: false,
      spool: fileSpool({ directory }),
      retry: { baseMs: 50, capMs: 500 },
    })
    let offered = 0
    const expose = (many: number) => {
      for (const end = offered + many; offered < end; offered++)
        recorder.expose(sampleArm({ unitId: `viewer-${offered}` }))
    }
    try {
      await cluster.kill(0)
      expose(2_000)
      await vi.waitFor(() => expect(recorder.health().status).toBe('degraded'), PATIENCE)
      await cluster.restart(0)
      await vi.waitFor(() => expect(recorder.account().delivered).toBe(offered), PATIENCE)
      for (let i = 0; i < 20; i++) {
        expose(200)
        if (i === 10) await cluster.kill(0)
        await new Promise((resolve) => void setTimeout(resolve, 20))
      }
      const { delivered, dropped, pending } = recorder.account()
      expect(Object.values(dropped).every((lost) => lost === 0)).toBe(true)
      expect(delivered + pending).toBe(offered)
      await cluster.restart(0)
      expect(await recorder.close(60_000)).toMatchObject({ offered, delivered: offered, pending: 0 })
      expect(new Set(await idsIn(cluster, topics)).size).toBe(offered)
    } finally {
      await recorder.close(0)
      rmSync(directory, { recursive: true, force: true })
    }
  })
})

describe.skipIf(missingForTests().kafka)('three brokers', () => {
  it('FAULTS 25: follows leaders that move when brokers are killed in turn', async () => {
    const cluster = await startKafka({ brokers: 3 })
    try {
      const topics = await topicsOn(cluster, 'three')
      const library = kafkajsLibrary({ brokers: cluster.brokers })
      const recorder = createRecorder({
        sink: kafkaSink({ library, topics, timeoutMs: 3_000 }),
        report: false,
        retry: { baseMs: 50, capMs: 500, deadlineMs: 60_000 },
      })
      let offered = 0
      const timer = setInterval(() => {
        for (let i = 0; i < 20; i++) recorder.expose(sampleArm({ unitId: `viewer-${offered++}` }))
      }, 20)
      try {
        for (const broker of [0, 1]) {
          const before = recorder.account().delivered
          await cluster.kill(broker)
          await vi.waitFor(() => expect(recorder.account().delivered).toBeGreaterThan(before + 500), PATIENCE)
          await cluster.restart(broker)
        }
      } finally {
        clearInterval(timer)
      }
      expect(await recorder.close(60_000)).toMatchObject({ offered, delivered: offered, pending: 0 })
      expect(new Set(await idsIn(cluster, topics)).size).toBe(offered)
    } finally {
      await cluster.stop()
    }
  })
})

async function topicsOn(cluster: KafkaCluster, prefix: string): Promise<LogTopics> {
  const topics = topicsOf(prefix)
  await cluster.createTopics(Object.values(topics).map((topic) => ({ topic, partitions: 4 })))
  return topics
}

async function idsIn({ brokers }: KafkaCluster, { exposures }: LogTopics): Promise<string[]> {
  return (await storedIn(brokers, exposures)).map(({ headers }) => headers.ce_id!)
}

/** Counts what the library is given at a time. */
function watched(library: KafkaProducing) {
  const peak = { requests: 0, records: 0 }
  let requests = 0
  return {
    peak,
    openProducer: () => {
      const producer = library.openProducer()
      return {
        ...producer,
        send: async (...[records, deadlineMs]: Parameters<typeof producer.send>) => {
          peak.requests = Math.max(peak.requests, ++requests)
          peak.records = Math.max(peak.records, records.flatMap((shipment) => shipment.records).length)
          await producer.send(records, deadlineMs).finally(() => requests--)
        },
      }
    },
  }
}

// A process whose broker is killed and that goes on to be offered events; it prints what was in memory. Arguments: the
// subject, and how many events.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { startKafka } from '@fairtrial/brokers'
import { createRecorder } from '@fairtrial/exposure'
import { kafkajsLibrary, kafkaSink, type LogTopics, topicsOf } from '@fairtrial/exposure/kafka'
import { fileSpool } from '@fairtrial/exposure/spool'
import { Kafka, logLevel } from 'kafkajs'
import { armAt } from './kafka-load.ts'

/** Whole megabytes: before the broker was killed, and at most until all were offered and a while after. */
export interface MemoryReport {
  readonly offered: number
  readonly beforeMb: number
  readonly peakMb: number
  /** Of one offer. */
  readonly nanoseconds: number
}

/** Offers between two turns of the event loop. */
const BURST = 1_000
const AFTERMATH_MS = 2_000

async function measure(offered: number, offer: (index: number) => void): Promise<MemoryReport> {
  ;(globalThis as { gc?: () => void }).gc?.()
  const beforeMb = residentMb()
  let peakMb = beforeMb
  let tookMs = 0
  for (let from = 0; from < offered; from += BURST) {
    const began = performance.now()
    for (let i = from; i < from + BURST; i++) offer(i)
    tookMs += performance.now() - began
    await turn()
    peakMb = Math.max(peakMb, residentMb())
  }
  for (const until = performance.now() + AFTERMATH_MS; performance.now() < until; await sleep(50))
    peakMb = Math.max(peakMb, residentMb())
  return { offered, beforeMb, peakMb, nanoseconds: (tookMs * 1e6) / offered }
}

function residentMb(): number {
  return Math.round(process.memoryUsage().rss / 1e6)
}

const [subject, count] = process.argv.slice(2)
const offered = Number(count)
const directory = mkdtempSync(join(tmpdir(), 'fairtrial-bench-'))
const cluster = await startKafka()
let report: MemoryReport
try {
  const topics = topicsOf('bench')
  await cluster.createTopics(Object.values(topics).map((topic) => ({ topic, partitions: 16 })))
  const offer = subject === 'kafkajs' ? await byKafkajs(topics.exposures) : await byRecorder(topics)
  await cluster.kill(0)
  report = await measure(offered, offer)
} finally {
  await cluster.stop()
  rmSync(directory, { recursive: true, force: true })
}
process.stdout.write(JSON.stringify(report), () => process.exit(0))

async function byKafkajs(topic: string): Promise<(index: number) => void> {
  const producer = new Kafka({ brokers: [...cluster.brokers], logLevel: logLevel.NOTHING }).producer()
  await producer.connect()
  await producer.send({ topic, messages: [{ value: 'first' }] })
  return (index) => {
    const messages = [{ key: `viewer-${index}`, value: JSON.stringify(armAt(index)) }]
    producer.send({ topic, messages }).catch(() => undefined)
  }
}

async function byRecorder(topics: LogTopics): Promise<(index: number) => void> {
  const recorder = createRecorder({
    sink: kafkaSink({ library: kafkajsLibrary({ brokers: cluster.brokers }), topics }),
    ...(subject === 'spool' && { spool: fileSpool({ directory, maximumBytes: 1_000_000_000 }) }),
  })
  recorder.expose(armAt(-1))
  await recorder.flush()
  return (index) => void recorder.expose(armAt(index))
}

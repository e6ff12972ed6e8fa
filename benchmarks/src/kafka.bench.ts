// From an assignment in hand to a record that a real broker has acknowledged (acks=all), every unit for the first
// time; what the call costs whoever makes it; and what is in memory while no broker is there.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { connectKafka, createTopics, uniqueTopic } from '@fairtrial/brokers'
import { createRecorder, memorySink, type Recorder, type Sink } from '@fairtrial/exposure'
import { kafkajsLibrary, kafkaSink, topicsOf } from '@fairtrial/exposure/kafka'
import { Kafka, logLevel, type Message, type Producer } from 'kafkajs'
import { armAt, batchSizes, exposeAll } from './kafka-load.ts'
import type { MemoryReport } from './kafka-memory.ts'
import { race } from './race.ts'
import { type Row, row } from './row.ts'

const EVENTS = 20_000
/** Of the calls that are timed by themselves: a queue holds 10,000, and kafkajs has each of its under way at once. */
const EXPOSE_CALLS = 8_000
const SEND_CALLS = 1_000
const PARTITIONS = 16
const ROUNDS = 9

export async function run(): Promise<Row[]> {
  const kafka = await connectKafka()
  const topics = topicsOf(uniqueTopic('bench'))
  const client = new Kafka({ brokers: [...kafka.brokers], logLevel: logLevel.NOTHING })
  const producer = client.producer()
  const library = kafkajsLibrary({ brokers: kafka.brokers })
  const sink = kafkaSink({ library, topics })
  try {
    await createTopics(
      kafka.brokers,
      Object.values(topics).map((topic) => ({ topic, partitions: PARTITIONS })),
    )
    await producer.connect()
    const send = (messages: Message[]) => producer.send({ topic: topics.exposures, acks: -1, messages })
    return [
      ...(await endToEnd(sink, await messagesLike(library, topics.exposures), send)),
      ...(await hotPath(sink, producer, topics.exposures)),
      ...(await memory()),
    ]
  } finally {
    await producer.disconnect()
    await sink.close()
    await kafka.stop()
  }
}

type Send = (messages: Message[]) => Promise<unknown>

/** All three leave the same records in the topic. What kafkajs sends is made beforehand. */
async function endToEnd(sink: Sink, messages: readonly Message[], send: Send): Promise<Row[]> {
  const sizes = batchSizes(EVENTS)
  const timings = await race(
    {
      'recorder + kafkaSink': {
        size: EVENTS,
        run: async () => {
          const recorder = createRecorder({ sink: keptOpen(sink), report: false })
          await exposeAll(recorder, EVENTS)
          const { delivered } = await recorder.close(60_000)
          if (delivered !== EVENTS) throw new Error(`delivered ${delivered} of ${EVENTS}`)
        },
      },
      'kafkajs, equal batches': {
        size: EVENTS,
        run: async () => {
          let from = 0
          for (const size of sizes) await send(messages.slice(from, (from += size)))
        },
      },
      'kafkajs, a send an event': {
        size: SEND_CALLS,
        run: async () => {
          for (let i = 0; i < SEND_CALLS; i++) await send([messages[i]!])
        },
      },
    },
    { rounds: ROUNDS },
  )
  const job = 'exposure to Kafka, acknowledged'
  const against = 'recorder + kafkaSink'
  return [
    row(job, timings, against),
    row(job, timings, 'kafkajs, equal batches', { against, target: { atLeast: 0.9 } }),
    row(job, timings, 'kafkajs, a send an event', { against, target: { atLeast: 10 } }),
  ]
}

/** What the caller waits for: nothing is awaited, the broker takes it all between the rounds. */
async function hotPath(sink: Sink, producer: Producer, topic: string): Promise<Row[]> {
  let recorder: Recorder | undefined
  let underWay: Promise<unknown>[] = []
  const arms = Array.from({ length: EXPOSE_CALLS }, (_, index) => armAt(index))
  const timings = await race(
    {
      expose: {
        size: EXPOSE_CALLS,
        prepare: async () => {
          await recorder?.close(60_000)
          recorder = createRecorder({ sink: keptOpen(sink), report: false })
        },
        run: () => {
          for (const arm of arms) recorder!.expose(arm)
        },
      },
      'kafkajs send': {
        size: SEND_CALLS,
        prepare: async () => {
          await Promise.all(underWay)
          underWay = []
        },
        run: () => {
          for (const arm of arms.slice(0, SEND_CALLS)) {
            const messages = [{ key: arm.unitId, value: JSON.stringify(arm) }]
            underWay.push(producer.send({ topic, acks: -1, messages }))
          }
        },
      },
    },
    { rounds: ROUNDS },
  )
  await Promise.all(underWay)
  await recorder?.close(60_000)
  const job = 'the call on the hot path'
  return [
    row(job, timings, 'expose'),
    row(job, timings, 'kafkajs send', { against: 'expose', target: { atLeast: 1 } }),
  ]
}

/** Each in a process of its own, with a broker that was there and is killed. */
async function memory(): Promise<Row[]> {
  const benchmark = 'resident memory, broker down'
  const ours = await memoryOf('recorder', 1_000_000)
  const spooled = await memoryOf('spool', 1_000_000)
  // A twentieth of the events: it is not known to survive more.
  const bare = await memoryOf('kafkajs', 50_000)
  const rowOf = (subject: string, { offered, beforeMb, peakMb, nanoseconds }: MemoryReport): Row => ({
    benchmark,
    subject: `${subject}, ${offered.toLocaleString('en-US')} offered: ${beforeMb} → ${peakMb} MB`,
    nanoseconds,
    bytesPerCall: ((peakMb - beforeMb) * 1e6) / offered,
  })
  return [
    { ...rowOf('recorder + kafkaSink', ours), bytesAtMost: 150 },
    { ...rowOf('with a spool', spooled), bytesAtMost: 250 },
    rowOf('kafkajs', bare),
  ]
}

async function memoryOf(subject: string, offered: number): Promise<MemoryReport> {
  const file = fileURLToPath(new URL('kafka-memory.ts', import.meta.url))
  const child = spawn(process.execPath, [...process.execArgv, '--expose-gc', file, subject, `${offered}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [printed, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  if (code !== 0) throw new Error(`the process for ${subject} ended with ${code}`)
  return JSON.parse(printed) as MemoryReport
}

/** What our sink hands to kafkajs, but for the partitions: as a service has it, texts that only need to be sent. */
async function messagesLike(library: ReturnType<typeof kafkajsLibrary>, topic: string): Promise<Message[]> {
  const messages: Message[] = []
  const lines = memorySink()
  const recorder = createRecorder({ sink: lines, report: false, producerId: 'bench' })
  await exposeAll(recorder, EVENTS)
  await recorder.close()
  const spy = kafkaSink({
    topics: { exposures: topic, outcomes: topic, summaries: topic },
    library: {
      openProducer: () => ({
        ...library.openProducer(),
        partitionsOf: async () => ({ [topic]: 1 }),
        send: async (shipments) => {
          for (const { records } of shipments)
            for (const { key, value, headers } of records)
              messages.push({ key: textOf(key), value: textOf(value), headers: { ...headers } })
        },
      }),
    },
  })
  const content = new TextEncoder().encode(lines.lines.map((line) => `${line}\n`).join(''))
  await spy.deliver({
    content,
    count: EVENTS,
    kinds: lines.lines.map(() => 'exposure'),
    unitIds: lines.events().map((event) => ('unitId' in event ? event.unitId : '')),
  })
  await spy.close()
  return messages
}

function textOf(value: Uint8Array | string | null): string {
  return typeof value === 'string' ? value : Buffer.from(value!).toString()
}

/** One connection for all rounds, as kafkajs has it. */
function keptOpen(sink: Sink): Sink {
  return { ...sink, close: async () => undefined }
}

import { randomUUID } from 'node:crypto'
import type { ConfluentOptions } from './confluent-client.ts'
import { type ConfluentConsumer, type ConfluentMessage, openConfluentConsumer } from './confluent-consumer.ts'
import type { KafkaReader, KafkaRecords, KafkaSpan } from './kafka-reader.ts'
import { tooLate } from './read-deadline.ts'

/** Reads by offset: librdkafka assigns partitions to a consumer that is in no group. */
export function confluentReader(options: ConfluentOptions): KafkaReader {
  let opening: Promise<ConfluentConsumer> | undefined
  /** Told where a partition ends for now: behind control records too, which are no messages. */
  let whenAtEnd: (end: KafkaRecords) => void = () => undefined

  async function open(deadlineMs: number): Promise<ConfluentConsumer> {
    const used = (opening ??= listenTo(
      openConfluentConsumer(options, `fairtrial-reader-${randomUUID()}`, deadlineMs),
    ))
    try {
      return await used
    } catch (cause) {
      if (opening === used) opening = undefined
      throw cause
    }
  }

  async function listenTo(opened: Promise<ConfluentConsumer>): Promise<ConfluentConsumer> {
    const consumer = await opened
    consumer.native.on('partition.eof', ({ topic, partition, offset }) =>
      whenAtEnd({ topic, partition, records: [], next: offset }),
    )
    return consumer
  }

  async function read(
    spans: readonly KafkaSpan[],
    take: (records: KafkaRecords) => boolean,
    deadlineMs: number,
  ): Promise<void> {
    const { native, consume } = await open(deadlineMs)
    const left = new Map(
      spans
        .filter(({ from, until }) => from < until)
        .map((span) => [`${span.topic}/${span.partition}`, { ...span, next: span.from }]),
    )
    /** @returns whether to go on */
    const advance = ({ topic, partition, records, next }: KafkaRecords): boolean => {
      const span = left.get(`${topic}/${partition}`)
      if (span === undefined || next <= span.next) return true
      span.next = Math.min(next, span.until)
      if (span.next === span.until) left.delete(`${topic}/${partition}`)
      return take({
        topic,
        partition,
        records: records.filter(({ offset }) => offset >= span.from && offset < span.until),
        next: span.next,
      })
    }
    const ends: KafkaRecords[] = []
    whenAtEnd = (end) => ends.push(end)
    native.assign(
      [...left.values()].map(({ topic, partition, from }) => ({ topic, partition, offset: from })),
    )
    try {
      let heardAt = performance.now()
      while (left.size > 0) {
        const messages = await consume()
        if (messages.length > 0 || ends.length > 0) heardAt = performance.now()
        else if (performance.now() - heardAt > deadlineMs)
          throw tooLate('give what its topics hold', deadlineMs)
        for (const records of [...byPartition(messages), ...ends.splice(0)]) if (!advance(records)) return
      }
    } finally {
      native.unassign()
    }
  }

  return {
    async ranges(topics, deadlineMs) {
      const consumer = await open(deadlineMs)
      return consumer.ranges(topics, deadlineMs)
    },
    read,
    async close() {
      const consumer = await opening?.catch(() => undefined)
      opening = undefined
      await consumer?.close()
    },
  }
}

/** What came together, by partition, in the order of offsets. */
export function byPartition(messages: readonly ConfluentMessage[]): KafkaRecords[] {
  const found = new Map<string, { topic: string; partition: number; records: ConfluentMessage[] }>()
  for (const message of messages) {
    const { topic, partition } = message
    const key = `${topic}/${partition}`
    const records = found.get(key)?.records
    if (records === undefined) found.set(key, { topic, partition, records: [message] })
    else records.push(message)
  }
  return [...found.values()].map((each) => ({ ...each, next: (each.records.at(-1)?.offset ?? -1) + 1 }))
}

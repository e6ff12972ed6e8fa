import type { ConfluentOptions } from './confluent-client.ts'
import {
  type ConfluentConsumer,
  type ConfluentPosition,
  openConfluentConsumer,
} from './confluent-consumer.ts'
import { byPartition } from './confluent-reader.ts'
import { within } from './read-deadline.ts'
import type {
  AssignedPartition,
  KafkaMember,
  KafkaMembership,
  KafkaRange,
  KafkaRecords,
} from './kafka-reader.ts'

const ASK_MS = 10_000
/** Longer than any call. */
const LEAVE_MS = 15_000
/** What the coordinator of a group answers while it is loading, not there yet, or moving. */
const PASSING: ReadonlySet<unknown> = new Set([14, 15, 16])
/** New partitions are taken up within a minute. */
const LOOK_MS = 60_000

/**
 * Takes all partitions by librdkafka, and commits for a group that it does not join: a rebalance, which the binding
 * hands over to JavaScript, can end the process where it comes as the consumer is closed.
 */
export function confluentMember(options: ConfluentOptions, membership: KafkaMembership): KafkaMember {
  const { groupId, topics, begin, take, onEnd } = membership
  let isClosed = false
  /** The offset to go on from, by partition. */
  const reached = new Map<string, number>()
  const opening = openConfluentConsumer(options, groupId, ASK_MS)
  const running = run().catch((cause: Error) => {
    if (!isClosed) onEnd(cause, PASSING.has((cause.cause as { code?: unknown } | undefined)?.code))
  })

  async function run(): Promise<void> {
    const consumer = await opening
    /** Where partitions end for now: behind control records too, which are no messages. */
    const ends: KafkaRecords[] = []
    consumer.native.on('partition.eof', ({ topic, partition, offset }) =>
      ends.push({ topic, partition, records: [], next: offset }),
    )
    let assigned: readonly KafkaRange[] = []
    let lookedAt = Number.NEGATIVE_INFINITY
    while (!isClosed) {
      if (performance.now() - lookedAt > LOOK_MS) {
        const ranges = await consumer.ranges(topics, ASK_MS)
        if (isClosed) return
        if (ranges.length !== assigned.length) await assign(consumer, ranges)
        assigned = ranges
        lookedAt = performance.now()
      }
      const messages = await consumer.consume()
      for (const records of [...byPartition(messages), ...ends.splice(0)]) {
        if (records.next <= (reached.get(keyOf(records)) ?? 0)) continue
        await take(records)
        reached.set(keyOf(records), records.next)
      }
    }
  }

  async function assign({ ask, native }: ConfluentConsumer, ranges: readonly KafkaRange[]): Promise<void> {
    const partitions = ranges.map(({ topic, partition }) => ({ topic, partition }))
    const committed = await ask<readonly ConfluentPosition[]>(
      'tell what a group has committed',
      ASK_MS,
      (done) => native.committed(partitions, ASK_MS, done),
    )
    if (isClosed) return
    const starts = begin(ranges.map((range) => withCommitted(range, committed)))
    const positions = partitions.map((each, index) => ({ ...each, offset: starts[index] ?? 0 }))
    for (const position of positions) reached.set(keyOf(position), position.offset)
    native.assign(positions)
  }

  return {
    async commit(positions) {
      const { ask, native } = await opening
      await ask('take a position', ASK_MS, (done) => native.commitCb(positions, done))
    },
    async close() {
      isClosed = true
      const consumer = await opening.catch(() => undefined)
      // A record that cannot be written is tried until all is closed.
      await within(running, LEAVE_MS, 'let a member go').catch(() => undefined)
      await consumer?.close()
    },
  }
}

function keyOf({ topic, partition }: { readonly topic: string; readonly partition: number }): string {
  return `${topic}/${partition}`
}

function withCommitted(range: KafkaRange, committed: readonly ConfluentPosition[]): AssignedPartition {
  const found = committed.find(
    ({ topic, partition }) => topic === range.topic && partition === range.partition,
  )
  const { offset, metadata = '' } = found ?? {}
  // Without a commit librdkafka leaves the offset out, or gives one below zero.
  return { ...range, committed: offset === undefined || offset < 0 ? null : { offset, metadata } }
}

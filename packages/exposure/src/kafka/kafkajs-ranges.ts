import { ExperimentError } from '@fairtrial/protocol/error'
import type { Admin, Kafka } from 'kafkajs'
import type { KafkaRange } from './kafka-reader.ts'
import { within } from './read-deadline.ts'

/** What partitions hold. A connection of its own each time: kafkajs' admin never learns of new partitions. */
export async function kafkajsRanges(
  client: Kafka,
  topics: readonly string[],
  deadlineMs: number,
): Promise<readonly KafkaRange[]> {
  return withAdmin(client, deadlineMs, 'tell what its topics hold', async (admin) => {
    const asked = topics.map((topic) => rangesOf(admin, topic))
    // An admin that is left while it asks connects again, and holds the process.
    await Promise.allSettled(asked)
    return (await Promise.all(asked)).flat()
  })
}

async function rangesOf(admin: Admin, topic: string): Promise<KafkaRange[]> {
  try {
    const partitions = await admin.fetchTopicOffsets(topic)
    return partitions
      .map(({ partition, low, high }) => ({ topic, partition, low: Number(low), high: Number(high) }))
      .toSorted((one, other) => one.partition - other.partition)
  } catch (cause) {
    if (!/UNKNOWN_TOPIC_OR_PARTITION|does not host this topic/.test(describe(cause))) throw cause
    throw new ExperimentError(
      'misconfigured',
      `Kafka has no topic ${topic}.`,
      'Make it, or name the topics that there are: a log that is not there must not pass for an empty one.',
      { cause },
    )
  }
}

function describe(error: unknown): string {
  const { type = '', message = '' } = error as { type?: string; message?: string }
  return `${type} ${message}`
}

/** Does something with a connection of its own, which is closed in any case. */
export async function withAdmin<T>(
  client: Kafka,
  deadlineMs: number,
  what: string,
  work: (admin: Admin) => Promise<T>,
): Promise<T> {
  const admin = client.admin({ retry: { retries: 3 } })
  try {
    return await within(
      admin.connect().then(() => work(admin)),
      deadlineMs,
      what,
    )
  } catch (cause) {
    if (cause instanceof ExperimentError) throw cause
    throw new ExperimentError(
      'unreachable',
      `Kafka did not ${what}: ${(cause as Error).message}.`,
      'See that its brokers answer at the addresses that they advertise, and that this client may read.',
      { cause },
    )
  } finally {
    // Its sockets close in their own time.
    admin.disconnect().catch(() => undefined)
  }
}

import { ExperimentError } from '@fairtrial/protocol/error'
import type { ConfluentClient } from './confluent-client.ts'
import { askingError, DUPLICATE_SEQUENCE_NUMBER, storingError } from './kafka-error.ts'
import {
  type KafkaProducer,
  type PartitionCounts,
  type PartitionRecords,
  producerClosed,
} from './kafka-producer.ts'
import { within } from './read-deadline.ts'

/** Writes by librdkafka, which reports on each record. A connection that failed to come about is thrown away. */
export function confluentProducer(openClient: () => Promise<ConfluentClient>): KafkaProducer {
  let opening: Promise<ConfluentClient> | undefined
  let isClosed = false
  /** Ends what waits, when the producer is closed. */
  const waiting = new Set<(reason: Error) => void>()

  async function connected(deadlineMs: number): Promise<ConfluentClient> {
    const used = (opening ??= openClient().then((client) => client.connect(deadlineMs)))
    try {
      return await used
    } catch (cause) {
      if (opening === used) opening = undefined
      throw cause
    }
  }

  async function askPartitions(topics: readonly string[], deadlineMs: number): Promise<PartitionCounts> {
    try {
      const client = await connected(deadlineMs)
      const counts = await Promise.all(topics.map((topic) => client.partitionsOf(topic, deadlineMs)))
      return Object.fromEntries(topics.map((topic, index) => [topic, counts[index]!]))
    } catch (cause) {
      throw ownError(cause, (number, failure) => askingError(topics, number, failure))
    }
  }

  async function store(records: readonly PartitionRecords[], deadlineMs: number): Promise<void> {
    try {
      const client = await connected(deadlineMs)
      const failures = await Promise.all(records.map((shipment) => client.produce(shipment)))
      throwWorst(failures.flat())
    } catch (cause) {
      throw ownError(cause, storingError)
    }
  }

  async function attempt<T>(what: string, deadlineMs: number, work: Promise<T>): Promise<T> {
    let end: ((reason: Error) => void) | undefined
    const closing = new Promise<never>((_, reject) => {
      end = reject
      waiting.add(reject)
    })
    try {
      return await within(Promise.race([work, closing]), deadlineMs, what)
    } finally {
      waiting.delete(end!)
    }
  }

  return {
    async partitionsOf(topics, deadlineMs) {
      if (isClosed) throw producerClosed()
      return attempt('tell the partitions of its topics', deadlineMs, askPartitions(topics, deadlineMs))
    },
    async send(records, deadlineMs) {
      if (isClosed) throw producerClosed()
      return attempt('store a batch', deadlineMs, store(records, deadlineMs))
    },
    async close() {
      isClosed = true
      for (const end of waiting) end(producerClosed())
      // Not waited for: where no broker answers, librdkafka takes its time to say so.
      opening?.then((client) => client.disconnect()).catch(() => undefined)
    },
  }
}

/** What may pass, and what somebody must mend, before what is wrong with one record: the others are tried again. */
function throwWorst(failures: readonly Failure[]): void {
  const errors = failures
    .filter(({ code }) => code !== DUPLICATE_SEQUENCE_NUMBER)
    .map((failure) => storingError(failure.code, failure))
  const worst =
    errors.find(({ code }) => code === 'misconfigured') ??
    errors.find(({ code }) => code === 'unreachable') ??
    errors[0]
  if (worst !== undefined) throw worst
}

interface Failure extends Error {
  readonly code?: number
}

function ownError(
  cause: unknown,
  errorOf: (number: number | undefined, cause: Error) => ExperimentError,
): ExperimentError {
  return cause instanceof ExperimentError ? cause : errorOf((cause as Failure).code, cause as Error)
}

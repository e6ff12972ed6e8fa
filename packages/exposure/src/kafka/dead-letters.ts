import type { KafkaProducer, KafkaProducing } from './kafka-producer.ts'
import type { StoredRecord } from './kafka-reader.ts'
import type { Origin } from './landed-line.ts'
import type { PoisonReason } from './read-record.ts'

const SEND_MS = 10_000
/** How long a topic of dead letters that does not work is left alone: it must not hold up what can be read. */
const REST_MS = 30_000

/** Where records that are no events go: `TOPIC.dlq`, with why, and where they stood. */
export class DeadLetters {
  readonly #library: KafkaProducing
  readonly #onFailure: (topic: string, cause: Error) => void
  #producer: KafkaProducer | undefined
  readonly #restsUntil = new Map<string, number>()

  constructor(library: KafkaProducing, onFailure: (topic: string, cause: Error) => void) {
    this.#library = library
    this.#onFailure = onFailure
  }

  /** @returns whether it is stored there; it is not tried again, for the record still stands in its own topic */
  async send(origin: Origin, record: StoredRecord, reason: PoisonReason): Promise<boolean> {
    const topic = `${origin.topic}.dlq`
    if (performance.now() < (this.#restsUntil.get(topic) ?? 0)) return false
    try {
      this.#producer ??= this.#library.openProducer()
      const { [topic]: partitions = 1 } = await this.#producer.partitionsOf([topic], SEND_MS)
      const partition = origin.partition % partitions
      try {
        await this.#producer.send(
          [{ topic, partition, records: [letterOf(origin, record, reason)] }],
          SEND_MS,
        )
      } catch (cause) {
        if ((cause as { code?: unknown }).code !== 'too-large') throw cause
        const without = { ...record, value: null }
        await this.#producer.send(
          [{ topic, partition, records: [letterOf(origin, without, reason)] }],
          SEND_MS,
        )
      }
      return true
    } catch (cause) {
      this.#restsUntil.set(topic, performance.now() + REST_MS)
      this.#onFailure(topic, cause as Error)
      return false
    }
  }

  async close(): Promise<void> {
    await this.#producer?.close()
  }
}

function letterOf(
  { topic, partition }: Origin,
  { key, value, offset, timestamp }: StoredRecord,
  reason: PoisonReason,
) {
  const headers = { reason, topic, partition: `${partition}`, offset: `${offset}`, timestamp: `${timestamp}` }
  return { key, value, headers }
}

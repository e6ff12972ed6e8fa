import { type ConfluentOptions, openConfluentClient } from './confluent-client.ts'
import { confluentProducer } from './confluent-producer.ts'
import type { KafkaProducing } from './kafka-producer.ts'

/** Speaks to Kafka by @confluentinc/kafka-javascript, which is to be installed beside this package, and by librdkafka. */
export function confluentLibrary(options: ConfluentOptions): KafkaProducing {
  return { openProducer: () => confluentProducer(() => openConfluentClient(options)) }
}

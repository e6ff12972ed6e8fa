import { type ConfluentOptions, openConfluentClient } from './confluent-client.ts'
import { confluentProducer } from './confluent-producer.ts'
import { confluentReader } from './confluent-reader.ts'
import type { KafkaProducing } from './kafka-producer.ts'
import type { KafkaReading } from './kafka-reader.ts'

/**
 * Speaks to Kafka by @confluentinc/kafka-javascript, which is to be installed beside this package, and by librdkafka:
 * for `kafkaSink` and `kafkaLog`. `kafkaSegments` joins its group by kafkajs.
 */
export function confluentLibrary(options: ConfluentOptions): KafkaProducing & KafkaReading {
  return {
    openProducer: () => confluentProducer(() => openConfluentClient(options)),
    openReader: () => confluentReader(options),
  }
}

import { type ConfluentOptions, openConfluentClient } from './confluent-client.ts'
import { confluentProducer } from './confluent-producer.ts'
import { confluentReader } from './confluent-reader.ts'
import { refuseNoBrokers, refuseUnknown } from './kafka-connection.ts'
import type { KafkaProducing } from './kafka-producer.ts'
import type { KafkaReading } from './kafka-reader.ts'

/**
 * Speaks to Kafka by @confluentinc/kafka-javascript, which is to be installed beside this package, and by librdkafka:
 * for `kafkaSink` and `kafkaLog`. `kafkaSegments` joins its group by kafkajs.
 *
 * @throws ExperimentError `invalid-argument` for brokers that are no list of `host:port`, and for what it does not know
 */
export function confluentLibrary(options: ConfluentOptions): KafkaProducing & KafkaReading {
  refuseNoBrokers(options.brokers)
  refuseUnknown('confluentLibrary', options)
  return {
    openProducer: () => confluentProducer(() => openConfluentClient(options)),
    openReader: () => confluentReader(options),
  }
}

import { type ConfluentOptions, openConfluentClient } from './confluent-client.ts'
import { confluentMember } from './confluent-member.ts'
import { confluentProducer } from './confluent-producer.ts'
import { confluentReader } from './confluent-reader.ts'
import { refuseNoBrokers, refuseUnknown } from './kafka-connection.ts'
import type { KafkaLibrary } from './kafka-library.ts'

/**
 * Speaks to Kafka by @confluentinc/kafka-javascript, which is to be installed beside this package, and by librdkafka:
 * for `kafkaSink`, `kafkaLog` and `kafkaSegments`, which joins no group by it: one process lands all partitions.
 *
 * @throws ExperimentError `invalid-argument` for brokers that are no list of `host:port`, and for what it does not know
 */
export function confluentLibrary(options: ConfluentOptions): KafkaLibrary {
  refuseNoBrokers(options.brokers)
  refuseUnknown('confluentLibrary', options)
  return {
    openProducer: () => confluentProducer(() => openConfluentClient(options)),
    openReader: () => confluentReader(options),
    joinGroup: (membership) => confluentMember(options, membership),
  }
}

import type { KafkaProducing } from './kafka-producer.ts'
import type { KafkaJoining, KafkaReading } from './kafka-reader.ts'

/** What this package asks of a Kafka library: plain data in and out, and a deadline of ours in every call. */
export type KafkaLibrary = KafkaProducing & KafkaReading & KafkaJoining

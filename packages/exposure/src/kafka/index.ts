export type { KafkaCompression, KafkaConnection, KafkaSasl, KafkaTls } from './kafka-connection.ts'
export type { KafkaLibrary } from './kafka-library.ts'
export { kafkaLog } from './kafka-log.ts'
export type { KafkaLog, KafkaLogOptions, KafkaReadOptions } from './kafka-log.ts'
export type { KafkaCursor, KafkaLoss, KafkaPortion, KafkaReadTo } from './kafka-portion.ts'
export type {
  KafkaProducer,
  KafkaProducing,
  OutgoingRecord,
  PartitionCounts,
  PartitionRecords,
} from './kafka-producer.ts'
export type {
  AssignedPartition,
  KafkaJoining,
  KafkaMember,
  KafkaMembership,
  KafkaPosition,
  KafkaRange,
  KafkaReader,
  KafkaReading,
  KafkaRecords,
  KafkaSpan,
  StoredRecord,
} from './kafka-reader.ts'
export { kafkaSegments } from './kafka-segments.ts'
export type { KafkaSegments, KafkaSegmentsOptions } from './kafka-segments.ts'
export { kafkaSink } from './kafka-sink.ts'
export type { KafkaSinkOptions } from './kafka-sink.ts'
export { kafkajsLibrary } from './kafkajs-library.ts'
export type { KafkajsOptions } from './kafkajs-library.ts'
export type { KafkajsProducerOptions } from './kafkajs-producer.ts'
export type { LandedCounts, PartitionLag } from './landing.ts'
export type { LandingNotice } from './landing-notice.ts'
export { LOG_TOPICS, topicsOf } from './log-topics.ts'
export type { LogTopics } from './log-topics.ts'
export { partitionOf } from './partition-of.ts'

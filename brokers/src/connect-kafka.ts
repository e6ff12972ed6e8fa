import type { Kafka } from './kafka.ts'
import { createTopics } from './kafka.ts'
import type { KafkaOptions } from './kafka-cluster.ts'
import { startKafka } from './kafka-cluster.ts'

/**
 * The cluster that `KAFKA_BROKERS` names (`host:port,host:port`), which is not ours to stop or to kill; without it one
 * that is started. Topics need names of their own: `uniqueTopic`.
 */
export async function connectKafka(options: KafkaOptions = {}): Promise<Kafka> {
  const named = process.env.KAFKA_BROKERS
  if (named === undefined || named === '') return startKafka(options)
  const brokers = named.split(',').map((broker) => broker.trim())
  return { brokers, createTopics: (plans) => createTopics(brokers, plans), stop: async () => {} }
}

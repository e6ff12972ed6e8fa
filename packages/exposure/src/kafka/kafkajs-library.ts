import { limitsOf } from '../limits.ts'
import { type KafkaConnection, refuseNoBrokers, refuseUnknown } from './kafka-connection.ts'
import type { KafkaLibrary } from './kafka-library.ts'
import { openKafkajsClient } from './kafkajs-client.ts'
import { joinKafkajsGroup } from './kafkajs-group.ts'
import { kafkajsProducer, type KafkajsProducerOptions } from './kafkajs-producer.ts'
import { kafkajsReader } from './kafkajs-reader.ts'

/** How kafkajs reaches the brokers, how it writes, and how it reads. */
export interface KafkajsOptions extends KafkaConnection, KafkajsProducerOptions {
  /**
   * A reader by offset has a consumer group to itself, of this name and a random id, which commits nothing; it must
   * be allowed to. Default `fairtrial-reader`.
   */
  readonly readerGroup?: string
}

/**
 * Speaks to Kafka by kafkajs 2.2.4, which is to be installed beside this package and is loaded at first use.
 *
 * @throws ExperimentError `invalid-argument` for brokers that are no list of `host:port`, and for what it does not know
 */
export function kafkajsLibrary(options: KafkajsOptions): KafkaLibrary {
  refuseNoBrokers(options.brokers)
  refuseUnknown('kafkajsLibrary', options)
  limitsOf('kafkajsLibrary', { idleMs: options.idleMs }, { idleMs: 10_000 })
  const openClient = () => openKafkajsClient(options).kafka
  return {
    openProducer: () => kafkajsProducer(() => openKafkajsClient(options), options),
    openReader: () => kafkajsReader(openClient, options.readerGroup),
    joinGroup: (membership) => joinKafkajsGroup(openClient, membership),
  }
}

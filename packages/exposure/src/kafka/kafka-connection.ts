import { ExperimentError } from '@fairtrial/protocol/error'
import { refuseOther } from '../refusals.ts'

/** How a Kafka cluster is reached, whichever library reaches it. */
export interface KafkaConnection {
  /** `host:port` of one broker or more; the others are learnt from them. */
  readonly brokers: readonly string[]
  /** What the brokers call this client in their logs and quotas. Default `fairtrial`. */
  readonly clientId?: string
  /** True for the certificate authorities of the system. Default false: no TLS. */
  readonly tls?: boolean | KafkaTls
  readonly sasl?: KafkaSasl
}

/** Certificates and key, in PEM. */
export interface KafkaTls {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/** Who this client is. */
export interface KafkaSasl {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
  readonly username: string
  readonly password: string
}

/** How batches are made smaller on their way. */
export type KafkaCompression = 'none' | 'gzip'

/** @throws ExperimentError `invalid-argument` where no broker could be found by these addresses, however long it is tried */
export function refuseNoBrokers(brokers: unknown): void {
  const isList = Array.isArray(brokers) && brokers.length > 0
  if (isList && brokers.every((broker) => /^[^,\s]+:\d+$/.test(String(broker)))) return
  throw new ExperimentError(
    'invalid-argument',
    `brokers is ${JSON.stringify(brokers)}.`,
    "Give a list of host:port, e.g. ['kafka-1:9092', 'kafka-2:9092'].",
  )
}

/** @throws ExperimentError `invalid-argument` for what would be left out in silence, or refused by every broker */
export function refuseUnknown(
  library: string,
  { compression = 'none', sasl }: Pick<KafkaConnection, 'sasl'> & { readonly compression?: KafkaCompression },
): void {
  refuseOther(`${library}.compression`, compression, ['none', 'gzip'])
  if (sasl === undefined) return
  refuseOther(`${library}.sasl.mechanism`, sasl.mechanism, ['plain', 'scram-sha-256', 'scram-sha-512'])
}

import { ExperimentError } from '@fairtrial/protocol/error'

/** What Kafka answered, as its protocol numbers it; librdkafka's own numbers are negative. */
export const DUPLICATE_SEQUENCE_NUMBER = 46
export const SASL_AUTHENTICATION_FAILED = 58
const UNKNOWN_TOPIC_OR_PARTITION = 3
const TOO_LARGE: readonly number[] = [10, 18]
const INVALID_RECORD = 87

const TOPIC_REMEDY = 'Create the topic, or give the name of one that exists.'
const SASL_REMEDY = 'See that mechanism, user and password are those that the broker knows.'
const CLOCK_REMEDY =
  "This machine's clock is far from the broker's: set it, or give the topic message.timestamp.type=LogAppendTime."

/** What will not be mended by trying again, and what to do about it. */
const MISCONFIGURED: Readonly<Record<number, string>> = {
  [UNKNOWN_TOPIC_OR_PARTITION]: TOPIC_REMEDY,
  17: 'Give a topic name of letters, digits, dots, underscores and hyphens.',
  21: 'Use a broker that takes acks=all.',
  29: 'Allow this user to describe the topics and to write to them.',
  31: 'Allow this user to use the cluster.',
  32: CLOCK_REMEDY,
  33: 'Use a SASL mechanism that the broker has.',
  34: SASL_REMEDY,
  35: 'Use a broker of version 2.1 or newer.',
  43: 'Use a broker of version 2.1 or newer.',
  44: 'The policy of the cluster forbids it: ask whoever set it.',
  54: 'Leave `sasl` out, or switch authentication on at the broker.',
  [SASL_AUTHENTICATION_FAILED]: SASL_REMEDY,
  76: 'Leave `compression` out, or allow it at the topic.',
  [-169]: SASL_REMEDY,
  [-181]: 'See that the broker speaks TLS there, with a certificate that `tls.ca` has signed.',
  [-188]: TOPIC_REMEDY,
}

/** Why partitions could not be told. */
export function askingError(
  topics: readonly string[],
  number: number | undefined,
  cause: Error,
): ExperimentError {
  return errorOf(
    `Kafka did not tell the partitions of ${topics.join(', ')}: ${cause.message}.`,
    number,
    cause,
  )
}

/** Why records could not be stored. */
export function storingError(number: number | undefined, cause: Error): ExperimentError {
  const what = `Kafka did not store a batch: ${cause.message}.`
  if (number !== undefined && TOO_LARGE.includes(number)) {
    const remedy = 'Record less with an event, or raise max.message.bytes of the topic.'
    return new ExperimentError('too-large', what, remedy, { cause })
  }
  if (number === INVALID_RECORD) {
    const remedy = 'See what the topic demands of its records.'
    return new ExperimentError('invalid-event', what, remedy, { cause })
  }
  // A broker that has just come up does not know its topics yet; whether they exist is asked before the next attempt.
  return errorOf(what, number === UNKNOWN_TOPIC_OR_PARTITION ? undefined : number, cause)
}

function errorOf(what: string, number: number | undefined, cause: Error): ExperimentError {
  const remedy = number === undefined ? undefined : MISCONFIGURED[number]
  if (remedy !== undefined) return new ExperimentError('misconfigured', what, remedy, { cause })
  const patience =
    'See that its brokers are up, at the addresses that they advertise; the batch is tried again.'
  return new ExperimentError('unreachable', what, patience, { cause })
}

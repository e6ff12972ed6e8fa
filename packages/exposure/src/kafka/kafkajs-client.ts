import { isIP, connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { ExperimentError } from '@fairtrial/protocol/error'
import type * as Kafkajs from 'kafkajs'
import type { ISocketFactory, Kafka, KafkaConfig, SASLOptions } from 'kafkajs'
import type { KafkaConnection } from './kafka-connection.ts'

/** A client whose sockets are at hand: kafkajs itself lets go of one only when the broker has answered. */
export interface KafkajsClient {
  /** Rejects where kafkajs is not installed. */
  readonly kafka: Promise<Kafka>
  /** Makes all that is under way fail, and all that is yet to come. */
  cut(reason: Error): void
}

const CONNECT_MS = 5_000
/** What kafkajs waits for an answer; the deadlines of its callers are shorter. */
const REQUEST_MS = 30_000
const KEEP_ALIVE_MS = 60_000

let opened = 0

/** Makes a client, which connects to nothing yet. */
export function openKafkajsClient(connection: KafkaConnection): KafkajsClient {
  const sockets = new Set<Socket>()
  let cutFor: Error | undefined
  const socketFactory: ISocketFactory = (address) => {
    const socket = openSocket(address)
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    return cutFor === undefined ? socket : socket.destroy(cutFor)
  }
  return {
    kafka: makeKafka(connection, socketFactory),
    cut: (reason) => {
      cutFor = reason
      // An error and not just the end: kafkajs does not listen for a socket that closes.
      for (const socket of sockets) socket.destroy(reason)
    },
  }
}

async function makeKafka(connection: KafkaConnection, socketFactory: ISocketFactory): Promise<Kafka> {
  const { brokers, clientId = 'fairtrial', tls = false, sasl } = connection
  const { Kafka, logLevel } = await loadKafkajs()
  const config: KafkaConfig = {
    // kafkajs asks the first broker first, always: if that is down, each new client would begin with it.
    brokers: rotated(brokers, opened++),
    clientId,
    connectionTimeout: CONNECT_MS,
    authenticationTimeout: CONNECT_MS,
    requestTimeout: REQUEST_MS,
    enforceRequestTimeout: true,
    retry: { retries: brokers.length, initialRetryTime: 50, maxRetryTime: 500 },
    logLevel: logLevel.NOTHING,
    socketFactory,
  }
  if (tls !== false) config.ssl = tls === true ? {} : tls
  if (sasl !== undefined) config.sasl = sasl as SASLOptions
  return new Kafka(config)
}

/** As kafkajs does it itself. */
function openSocket({ host, port, ssl, onConnect }: Parameters<ISocketFactory>[0]): Socket {
  const socket = ssl
    ? connectTls({ host, port, ...(isIP(host) === 0 && { servername: host }), ...ssl }, onConnect)
    : connectTcp({ host, port }, onConnect)
  return socket.setKeepAlive(true, KEEP_ALIVE_MS)
}

/** kafkajs is a peer that need not be there. */
async function loadKafkajs(): Promise<typeof Kafkajs> {
  try {
    // A CommonJS module: its names are on `default`, whoever loads it.
    const { default: kafkajs } = (await import('kafkajs')) as unknown as { default: typeof Kafkajs }
    return kafkajs
  } catch (cause) {
    throw new ExperimentError(
      'misconfigured',
      'kafkajs cannot be loaded, and kafkajsLibrary() speaks to Kafka with it.',
      'Install it beside this package: npm install kafkajs@2.2.4.',
      { cause },
    )
  }
}

function rotated<T>(list: readonly T[], by: number): T[] {
  return list.map((_, index) => list[(index + by) % list.length]!)
}

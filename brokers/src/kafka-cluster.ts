import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ExperimentError } from '@fairtrial/protocol/error'
import type { BrokerCommand, BrokerProcess } from './broker-process.ts'
import { formatStorage, startBroker } from './broker-process.ts'
import { brokerProperties } from './broker-properties.ts'
import { findFreePorts } from './free-ports.ts'
import { fetchJars, readJarLock } from './jars.ts'
import { findJava } from './java.ts'
import type { Kafka } from './kafka.ts'
import { createTopics } from './kafka.ts'
import { waitUntil } from './metadata.ts'
import { hireUndertaker } from './undertaker.ts'

/** How a cluster is started. */
export interface KafkaOptions {
  /** One, or three that hold every record three times and lose none while two of them live. 1 unless said. */
  readonly brokers?: 1 | 3
  /** Properties of every broker, over those of `broker-properties.ts`. */
  readonly properties?: Readonly<Record<string, string | number | boolean>>
  /** Heap of each broker, megabytes. 384 unless said. */
  readonly heapMb?: number
  /**
   * Told the address of each broker, says by which one clients shall come to it: that of a proxy. Kafka's clients take
   * only their first address from us, every other from the brokers.
   */
  readonly advertise?: (broker: string, index: number) => Promise<string>
  /** How long a start or a restart may take, milliseconds. 60,000 unless said. */
  readonly deadlineMs?: number
}

/** A Kafka of our own, every broker of which can be made to suffer. Brokers are counted from 0. */
export interface KafkaCluster extends Kafka {
  /** Process ids, in the order of `brokers`; of a broker that was killed, the last one. */
  readonly pids: readonly number[]
  /** SIGKILL. Fulfilled when the process is gone. */
  kill(index: number): Promise<void>
  /** Starts a killed broker on its data and ports. Fulfilled when it is back in sync with all it has replicas of. */
  restart(index: number): Promise<void>
  /** SIGSTOP: connections are accepted, nothing is answered. */
  pause(index: number): void
  /** SIGCONT. */
  resume(index: number): void
  /** What the brokers had to warn of. */
  readLog(index: number): Promise<string>
}

const STARTS = 3
const GRACE_MS = 1000

/**
 * Starts Apache Kafka on free ports of the loopback interface and waits until it answers. The brokers and their folder
 * are gone after `stop()`, and when this process is.
 */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaCluster> {
  const lock = await readJarLock()
  const java = findJava(lock.java)
  if ('missing' in java)
    throw new ExperimentError(
      'unreachable',
      `cannot start Kafka: ${java.missing}.`,
      `Install a Java runtime, ${lock.java} or newer (Debian: default-jre-headless), or name one in JAVA_HOME.`,
    )
  const jars = await fetchJars(lock)
  for (let start = 1; ; start += 1) {
    try {
      return await startOnFreePorts(java.command, jars, options)
    } catch (error) {
      // Somebody took a port between our look and the broker's.
      if (start === STARTS || !/Address already in use/.test((error as Error).message)) throw error
    }
  }
}

async function startOnFreePorts(
  java: string,
  jars: readonly string[],
  options: KafkaOptions,
): Promise<KafkaCluster> {
  const { brokers: count = 1, properties = {}, heapMb = 384, deadlineMs = 60_000 } = options
  const folder = await mkdtemp(join(tmpdir(), 'fairtrial-kafka-'))
  const undertaker = hireUndertaker(folder)
  const numbers = await findFreePorts(3 * count)
  const ports = Array.from({ length: count }, (_, index) => {
    const [clients, replication, quorum] = numbers.slice(3 * index) as [number, number, number]
    return { clients, replication, quorum }
  })
  const everyIndex = [...ports.keys()]
  const addresses = ports.map(({ clients }) => `127.0.0.1:${clients}`)
  const { advertise = (broker: string) => Promise.resolve(broker) } = options
  const brokers = await Promise.all(addresses.map(advertise))
  const commands: BrokerCommand[] = []
  const processes: BrokerProcess[] = []
  let isStopping = false

  async function start(index: number): Promise<void> {
    processes[index] = await startBroker(commands[index]!)
    watch()
    void processes[index].exited.then(watch)
  }

  function watch(): void {
    if (!isStopping) undertaker.watch(processes.filter((each) => !each.hasExited()).map(({ pid }) => pid))
  }

  /** A broker that ends while one waits for it. */
  function failureOf(indexes: readonly number[], logs: readonly string[]): string | undefined {
    const index = indexes.find((each) => processes[each]!.hasExited())
    if (index === undefined) return undefined
    return `broker ${index} ended instead of answering; the end of its log:\n${logs[index]}`
  }

  async function waitFor(indexes: readonly number[], isTrue: Parameters<typeof waitUntil>[1]): Promise<void> {
    const asked = indexes.map((index) => addresses[index]!)
    try {
      await waitUntil(asked, isTrue, { deadlineMs, failure: () => failureOf(indexes, []) })
    } catch (error) {
      const logs = await Promise.all(everyIndex.map(readLog))
      throw new Error(failureOf(indexes, logs.map(lastLines)) ?? (error as Error).message, { cause: error })
    }
  }

  function readLog(index: number): Promise<string> {
    return readFile(commands[index]!.logFile, 'utf8').catch(() => '')
  }

  let stopped: Promise<void> | undefined
  function stop(): Promise<void> {
    stopped ??= end()
    return stopped
  }

  async function end(): Promise<void> {
    const living = processes.filter((each) => !each.hasExited())
    for (const each of living) each.signal('SIGTERM')
    const allGone = Promise.all(living.map(({ exited }) => exited))
    const patience = new AbortController()
    await Promise.race([allGone, sleep(GRACE_MS, undefined, { signal: patience.signal }).catch(() => {})])
    patience.abort()
    for (const each of living) if (!each.hasExited()) each.signal('SIGKILL')
    await allGone
    isStopping = true
    undertaker.dismiss()
    await rm(folder, { recursive: true, force: true })
  }

  try {
    const clusterId = randomClusterId()
    for (const index of everyIndex) {
      const dataFolder = join(folder, `broker-${index}`)
      await mkdir(dataFolder)
      const propertiesFile = join(folder, `broker-${index}.properties`)
      await writeFile(propertiesFile, brokerProperties(index, ports, brokers[index]!, dataFolder, properties))
      const logFile = join(folder, `broker-${index}.log`)
      commands.push({ java, jars, heapMb, propertiesFile, logFile })
    }
    await Promise.all(commands.map((command) => formatStorage(command, clusterId)))
    await Promise.all(everyIndex.map(start))
    await waitFor(everyIndex, async (admin) => (await admin.describeCluster()).brokers.length === count)
  } catch (error) {
    await stop()
    throw error
  }

  return {
    brokers,
    get pids() {
      return processes.map(({ pid }) => pid)
    },
    createTopics: (plans) => createTopics(brokers, plans),
    async kill(index) {
      processes[index]!.signal('SIGKILL')
      await processes[index]!.exited
    },
    async restart(index) {
      if (!processes[index]!.hasExited()) throw new Error(`broker ${index} is running; kill it first`)
      await start(index)
      await waitFor([index], async (admin) => {
        const nodeId = index + 1
        const { brokers: known } = await admin.describeCluster()
        if (!known.some((broker) => broker.nodeId === nodeId)) return false
        const { topics } = await admin.fetchTopicMetadata()
        return topics
          .flatMap(({ partitions }) => partitions)
          .every(({ replicas, isr }) => !replicas.includes(nodeId) || isr.includes(nodeId))
      })
    },
    pause: (index) => processes[index]!.signal('SIGSTOP'),
    resume: (index) => processes[index]!.signal('SIGCONT'),
    readLog,
    stop,
  }
}

/** 16 bytes in base64url, as Kafka wants it, and never with a dash in front, which would be taken for an option. */
function randomClusterId(): string {
  const bytes = randomBytes(16)
  bytes[0] = bytes[0]! & 0x7f
  return bytes.toString('base64url')
}

function lastLines(text: string): string {
  return text.trimEnd().split('\n').slice(-30).join('\n')
}

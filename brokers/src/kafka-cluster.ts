import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { BrokerCommand, BrokerProcess } from './broker-process.ts'
import { endProcesses, formatStorage, startBroker } from './broker-process.ts'
import { brokerProperties } from './broker-properties.ts'
import { findFreePorts } from './free-ports.ts'
import { fetchJars, readJarLock } from './jars.ts'
import { findJava } from './java.ts'
import type { Kafka } from './kafka.ts'
import { createTopics } from './kafka.ts'
import { isInSync, waitUntil } from './admin.ts'
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
   * only their first address from us, every other from the brokers. It must let bytes pass while brokers start.
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
  /** SIGTERM: the broker hands over what it leads, and ends. Fulfilled when the process is gone. */
  shutDown(index: number): Promise<void>
  /** Starts a broker that is gone on its data and ports. Fulfilled when it is back in sync with all it has replicas of. */
  restart(index: number): Promise<void>
  /** SIGSTOP: connections are accepted, nothing is answered. */
  pause(index: number): void
  /** SIGCONT. */
  resume(index: number): void
  /** What the brokers had to warn of. */
  readLog(index: number): Promise<string>
}

const STARTS = 3

/**
 * Starts Apache Kafka on free ports of the loopback interface and waits until it answers. The brokers and their folder
 * are gone after `stop()`, and when this process is.
 */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaCluster> {
  const { java, jars } = await findParts()
  const archive = archiveOf(jars)
  return start(java, jars, options, existsSync(archive) ? [`-XX:SharedArchiveFile=${archive}`] : [])
}

/**
 * Keeps the classes that a broker loads, as the JVM has them in memory, beside the jars: brokers start in half the time
 * from then on. A JVM that they do not fit passes over them.
 */
export async function archiveClasses(): Promise<void> {
  const { java, jars } = await findParts()
  const archive = archiveOf(jars)
  const draft = `${archive}.${process.pid}`
  const cluster = await start(java, jars, {}, [`-XX:ArchiveClassesAtExit=${draft}`])
  try {
    await cluster.createTopics([{ topic: 'any' }])
    await cluster.shutDown(0)
    await rename(draft, archive)
  } finally {
    await cluster.stop()
  }
}

function archiveOf(jars: readonly string[]): string {
  return join(dirname(jars[0]!), 'classes.jsa')
}

async function findParts(): Promise<{ java: string; jars: readonly string[] }> {
  const lock = await readJarLock()
  const java = findJava(lock.java)
  if ('missing' in java)
    throw new Error(
      `cannot start Kafka: ${java.missing}. Install a Java runtime, ${lock.java} or newer (Debian: ` +
        'default-jre-headless), or name one in JAVA_HOME.',
    )
  return { java: java.command, jars: await fetchJars(lock) }
}

async function start(...how: Parameters<typeof startOnFreePorts>): Promise<KafkaCluster> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnFreePorts(...how)
    } catch (error) {
      // Somebody took a port between our look and the broker's.
      if (attempt === STARTS || !/Address already in use/.test((error as Error).message)) throw error
    }
  }
}

async function startOnFreePorts(
  java: string,
  jars: readonly string[],
  options: KafkaOptions,
  jvmOptions: readonly string[],
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

  async function startNode(index: number): Promise<void> {
    processes[index] = await startBroker(commands[index]!)
    watch()
    void processes[index].exited.then(watch)
  }

  async function end(index: number, signal: NodeJS.Signals): Promise<void> {
    processes[index]!.signal(signal)
    await processes[index]!.exited
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
    stopped ??= endAll()
    return stopped
  }

  async function endAll(): Promise<void> {
    await endProcesses(processes)
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
      commands.push({ java, jars, jvmOptions: [`-Xmx${heapMb}m`, ...jvmOptions], propertiesFile, logFile })
    }
    await Promise.all(commands.map((command) => formatStorage(command, clusterId)))
    await Promise.all(everyIndex.map(startNode))
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
    kill: (index) => end(index, 'SIGKILL'),
    shutDown: (index) => end(index, 'SIGTERM'),
    async restart(index) {
      if (!processes[index]!.hasExited()) throw new Error(`broker ${index} is running; kill it first`)
      await startNode(index)
      await waitFor([index], (admin) => isInSync(admin, index + 1))
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

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** How one node is run. */
export interface BrokerCommand {
  readonly java: string
  readonly jars: readonly string[]
  readonly jvmOptions: readonly string[]
  readonly propertiesFile: string
  /** Standard output and error: warnings and errors alone. */
  readonly logFile: string
}

/** One node that was started. */
export interface BrokerProcess {
  readonly pid: number
  hasExited(): boolean
  /** Fulfilled when the process is gone. */
  readonly exited: Promise<void>
  signal(name: NodeJS.Signals): void
}

const GRACE_MS = 1000

/** Writes the metadata with which a node of the cluster begins. */
export async function formatStorage(command: BrokerCommand, clusterId: string): Promise<void> {
  const { propertiesFile } = command
  const broker = await run(command, 'kafka.tools.StorageTool', [
    'format',
    '-t',
    clusterId,
    '-c',
    propertiesFile,
  ])
  await broker.exited
  if (broker.code() !== 0)
    throw new Error(`cannot format the storage of a broker:\n${await readFile(command.logFile, 'utf8')}`)
}

/** Starts a node; it answers some time later. */
export function startBroker(command: BrokerCommand): Promise<BrokerProcess> {
  return run(command, 'kafka.Kafka', [command.propertiesFile])
}

/** Asks the processes to end, and after a second makes them. */
export async function endProcesses(processes: readonly BrokerProcess[]): Promise<void> {
  const living = processes.filter((each) => !each.hasExited())
  for (const each of living) each.signal('SIGTERM')
  const patience = setTimeout(() => {
    for (const each of living) if (!each.hasExited()) each.signal('SIGKILL')
  }, GRACE_MS)
  await Promise.all(living.map(({ exited }) => exited))
  clearTimeout(patience)
}

async function run(command: BrokerCommand, main: string, args: readonly string[]) {
  const folder = dirname(command.propertiesFile)
  const log = await open(command.logFile, 'a')
  try {
    const child = spawn(
      command.java,
      [
        ...command.jvmOptions,
        // It lives for seconds: quick to start is worth more than quick in the long run.
        '-XX:+UseSerialGC',
        '-XX:TieredStopAtLevel=1',
        // What libraries unpack, and what the JVM says of itself, goes with the folder of the cluster.
        `-Djava.io.tmpdir=${folder}`,
        `-XX:ErrorFile=${join(folder, 'crash-%p.log')}`,
        '-XX:-UsePerfData',
        '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
        '-cp',
        command.jars.join(':'),
        main,
        ...args,
      ],
      // A group of its own: a Ctrl-C in the terminal is for the one who started it.
      { detached: true, stdio: ['ignore', log.fd, log.fd] },
    )
    const exited = once(child, 'exit').then(() => {})
    exited.catch(() => {})
    await once(child, 'spawn')
    return {
      pid: child.pid!,
      exited,
      hasExited: () => child.exitCode !== null || child.signalCode !== null,
      code: () => child.exitCode,
      signal: (name: NodeJS.Signals) => void child.kill(name),
    }
  } finally {
    await log.close()
  }
}

import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { cacheFolder } from './cache-folder.ts'

/**
 * A cluster that only pretends, for what a real one cannot be told to do. It keeps records in memory and knows no
 * admin requests: topics are made here. Brokers are counted from 0. Every method is fulfilled when the cluster obeys.
 */
export interface MockCluster {
  readonly brokers: readonly string[]
  createTopic(topic: string, partitions?: number, replicas?: number): Promise<void>
  /**
   * The next `count` requests of this kind are refused with this error code, both by their numbers in Kafka's protocol:
   * `pushErrors(0, 6, 3)` answers three Produce requests with NOT_LEADER_OR_FOLLOWER. At most 10,000.
   */
  pushErrors(apiKey: number, code: number, count?: number): Promise<void>
  /** Forgets the errors that were pushed and not met. */
  clearErrors(apiKey: number): Promise<void>
  /** Answers come this much later, milliseconds. The request itself is served at once. */
  setLatency(index: number, latencyMs: number): Promise<void>
  /** Closes its connections and refuses new ones. */
  takeDown(index: number): Promise<void>
  bringUp(index: number): Promise<void>
  setLeader(topic: string, partition: number, index: number): Promise<void>
  stop(): Promise<void>
}

/** What compiles the mock cluster, or why nothing does. */
export function findMockTools(): { readonly compiler: string } | { readonly missing: string } {
  const compiler = process.env.CC ?? 'gcc'
  const headers = ['rdkafka.h', 'rdkafka_mock.h'].flatMap((name) => ['-include', `librdkafka/${name}`])
  const { error, status } = spawnSync(compiler, [...headers, '-fsyntax-only', '-x', 'c', '/dev/null'], {
    stdio: 'ignore',
  })
  if (error !== undefined) return { missing: `there is no C compiler (${compiler} does not run)` }
  if (status !== 0) return { missing: 'there is no librdkafka-dev' }
  return { compiler }
}

/** Starts librdkafka's mock cluster. It ends with `stop()`, and when this process does. */
export async function startMockCluster({
  brokers: count = 1,
}: {
  brokers?: number
} = {}): Promise<MockCluster> {
  const child = spawn(await compileMockCluster(), [`${count}`], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  })
  const exited = once(child, 'exit')
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  child.stdin.on('error', () => {})

  async function readLine(): Promise<string> {
    const { value, done } = (await lines.next()) as { value?: string; done?: boolean }
    if (done === true || value === undefined) throw new Error('the mock cluster has ended')
    return value
  }

  // Answers come in the order of the commands.
  let turn: Promise<unknown> = Promise.resolve()
  function tell(...words: (string | number)[]): Promise<void> {
    const command = words.join(' ')
    const answered = turn.then(async () => {
      child.stdin.write(`${command}\n`)
      const answer = await readLine()
      if (answer !== 'ok') throw new Error(`the mock cluster does not do "${command}": ${answer}`)
    })
    turn = answered.catch(() => {})
    return answered
  }

  const bootstrap = await readLine()
  return {
    brokers: bootstrap.split(','),
    createTopic: (topic, partitions = 1, replicas = 1) => tell('topic', topic, partitions, replicas),
    pushErrors: (apiKey, code, times = 1) => tell('push', apiKey, code, times),
    clearErrors: (apiKey) => tell('clear', apiKey),
    setLatency: (index, latencyMs) => tell('rtt', index + 1, latencyMs),
    takeDown: (index) => tell('down', index + 1),
    bringUp: (index) => tell('up', index + 1),
    setLeader: (topic, partition, index) => tell('leader', topic, partition, index + 1),
    async stop() {
      child.stdin.end()
      await exited
    },
  }
}

/** The program, compiled once for each version of its source. */
export async function compileMockCluster(): Promise<string> {
  const source = fileURLToPath(new URL('mock-cluster.c', import.meta.url))
  const version = createHash('sha256')
    .update(await readFile(source))
    .digest('hex')
    .slice(0, 8)
  const program = join(cacheFolder(), `mock-cluster-${version}`)
  if (existsSync(program)) return program
  const tools = findMockTools()
  if ('missing' in tools)
    throw new Error(
      `cannot compile the mock cluster: ${tools.missing}. Install gcc, libc6-dev and librdkafka-dev.`,
    )
  await mkdir(cacheFolder(), { recursive: true })
  const draft = `${program}.${process.pid}`
  const { status, stderr } = spawnSync(tools.compiler, ['-O1', '-o', draft, source, '-lrdkafka'], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`cannot compile the mock cluster:\n${stderr}`)
  await rename(draft, program)
  return program
}

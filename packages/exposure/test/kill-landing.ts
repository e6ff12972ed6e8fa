import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startKafka, uniqueTopic } from '@fairtrial/brokers'
import type { LogTopics } from '../src/kafka/log-topics.ts'
import { sampleExposure, seededRandom } from '../src/testing/index.ts'
import { messageOf, withProducer } from './kafka-client.ts'
import { landedIn } from './landed-in.ts'

/** What became of the records, in one row of the torture table. */
export interface KilledLanding {
  readonly row: string
  /** How often a consumer was killed. */
  readonly rounds: number
  /** Records in the topic. */
  readonly stored: number
  /** Of them, in no file. */
  readonly lost: number
  /** Lines of records that stand in a directory already. */
  readonly doubled: number
  readonly ok: boolean
}

const PARTITIONS = 4
const EVERY_MS = 20
const PATIENCE_MS = 60_000

/** A member's program, and where it lands. */
interface Landing {
  readonly directory: string
  process: ChildProcess
}

/**
 * FAULTS 41. A producer writes without a pause, while consumers are killed (SIGKILL) at random instants, between
 * store and commit too, and started again on the directories that they left.
 *
 * @param options.members consumers of one group, each with a directory of its own; one of them is killed each round
 */
export async function killLanding(options: {
  readonly rounds: number
  readonly seed: number
  readonly members?: number
  readonly library?: 'kafkajs' | 'confluent'
}): Promise<KilledLanding> {
  const { rounds, seed, members = 1, library = 'kafkajs' } = options
  const random = seededRandom(seed)
  // A group notices sooner that a member is dead than Kafka allows by default.
  const cluster = await startKafka({ properties: { 'group.min.session.timeout.ms': 500 } })
  const folder = await mkdtemp(join(tmpdir(), 'fairtrial-kill-landing-'))
  const topics: LogTopics = {
    exposures: uniqueTopic('exposures'),
    outcomes: uniqueTopic('outcomes'),
    summaries: uniqueTopic('summaries'),
  }
  const landings: Landing[] = []
  try {
    await cluster.createTopics([
      { topic: topics.exposures, partitions: PARTITIONS },
      { topic: topics.outcomes, partitions: PARTITIONS },
      { topic: topics.summaries },
    ])
    const start = (directory: string) =>
      startMember(cluster.brokers.join(), JSON.stringify(topics), topics.exposures, directory, library)
    for (let index = 0; index < members; index++) {
      const directory = join(folder, `member-${index}`)
      landings.push({ directory, process: await start(directory) })
    }
    const producing = produceUntilStopped(cluster.brokers, topics.exposures)
    for (let round = 0; round < rounds; round++) {
      await sleep(100 + random() * 900)
      const landing = landings[Math.floor(random() * members)]!
      await kill(landing.process)
      landing.process = await start(landing.directory)
    }
    const stored = await producing.stop()
    const missing = () => stored - new Set(landings.flatMap(placesIn)).size
    for (const end = Date.now() + PATIENCE_MS; missing() > 0 && Date.now() < end; ) await sleep(200)
    await Promise.all(landings.map((landing) => kill(landing.process)))
    const lost = missing()
    const doubled = landings
      .map(placesIn)
      .reduce((sum, places) => sum + places.length - new Set(places).size, 0)
    return {
      row: `FAULTS 41: ${members} consumer${members > 1 ? 's' : ''} killed between store and commit`,
      rounds,
      stored,
      lost,
      doubled,
      ok: lost === 0 && doubled === 0,
    }
  } finally {
    await Promise.all(landings.map((landing) => kill(landing.process)))
    await cluster.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Where each landed record stood. */
function placesIn({ directory }: Landing): string[] {
  return landedIn(directory).events.map(({ kafka }) => `${kafka.partition}/${kafka.offset}`)
}

async function startMember(...args: readonly string[]): Promise<ChildProcess> {
  const program = fileURLToPath(new URL('landing-member.ts', import.meta.url))
  const child = spawn(
    process.execPath,
    ['--conditions=@fairtrial/source', '--import', 'tsx', program, ...args],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(() => Promise.reject(new Error('The consumer ended before it was ready.'))),
  ])
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

function produceUntilStopped(brokers: readonly string[], topic: string) {
  let isOver = false
  let sequence = 0
  const done = withProducer(brokers, async (producer) => {
    while (!isOver) {
      const messages = Array.from({ length: 40 }, () =>
        messageOf(
          sampleExposure({ sequence: ++sequence, unitId: `viewer-${sequence}` }),
          sequence % PARTITIONS,
        ),
      )
      await producer.send({ topic, acks: -1, messages })
      await sleep(EVERY_MS)
    }
  })
  return {
    async stop(): Promise<number> {
      isOver = true
      await done
      return sequence
    },
  }
}

// Lands the topics in a directory, and kills itself between a store and its commit. argv: JSON of `ConsumerOptions`. On
// `stop` from stdin it goes on until nothing more is there, and closes.
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { kafkajsLibrary, type KafkaLibrary, kafkaSegments, LOG_TOPICS } from '@fairtrial/exposure/kafka'

export interface ConsumerOptions {
  readonly brokers: readonly string[]
  readonly directory: string
  readonly group: string
  /** Dies at its so manyth commit: what it was to commit is stored by then. Null: lives. */
  readonly diesAt: number | null
}

const { brokers, directory, group, diesAt } = JSON.parse(process.argv[2] ?? '') as ConsumerOptions

const library = kafkajsLibrary({ brokers, clientId: 'torture' })
const segments = await kafkaSegments({
  library: diesAt === null ? library : dyingAtCommit(library, diesAt),
  directory,
  groupId: group,
  lagMs: 500,
  commitMs: 200,
  stallMs: 20_000,
  sessionTimeoutMs: 1_500,
  onNotice: ({ kind, detail }) => process.stderr.write(`${kind}: ${detail}\n`),
})
process.stdout.write('landing\n')
// Whoever started it may be gone.
process.stdin.once('end', () => process.exit(1))
await once(process.stdin, 'data')
await caughtUp()
await segments.close()
process.stdout.write(`${JSON.stringify(segments.counts())}\n`, () => process.exit(0))

function dyingAtCommit(library: KafkaLibrary, commits: number): KafkaLibrary {
  let left = commits
  return {
    ...library,
    joinGroup(membership) {
      const member = library.joinGroup(membership)
      return {
        ...member,
        async commit(positions) {
          if (--left <= 0) process.kill(process.pid, 'SIGKILL')
          await member.commit(positions)
        },
      }
    },
  }
}

/** Nobody writes any more: when nothing is behind twice in a row, all has landed. */
async function caughtUp(): Promise<void> {
  const reader = library.openReader()
  for (;;) {
    const ranges = await reader.ranges(Object.values(LOG_TOPICS), 10_000).catch(() => [])
    const positions = new Map(
      segments.lag().map(({ topic, partition, position }) => [`${topic}/${partition}`, position]),
    )
    const isThere = ranges.every(
      ({ topic, partition, high }) => (positions.get(`${topic}/${partition}`) ?? 0) >= high,
    )
    if (ranges.length > 0 && isThere) break
    await wait(500)
  }
  await reader.close()
}

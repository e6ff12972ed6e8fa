import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import {
  type KafkaLibrary,
  kafkajsLibrary,
  kafkaSegments,
  LOG_TOPICS,
  type LogTopics,
} from '@fairtrial/exposure/kafka'
import { createCatchUp } from './catch-up.ts'
import { segmentLog } from '@fairtrial/exposure/segments'
import { ExperimentError } from '@fairtrial/protocol'
import type { Incomplete, LoggedKind } from '@fairtrial/rollout'
import { type EventLog, steadyTime, systemClock } from '@fairtrial/rollout/controller'
import { readKept, writeKept } from './kept-file.ts'
import type { Metric } from './metrics/metric.ts'

/** Topics of Kafka that are read into files of this process. */
export interface LandedTopics {
  readonly events: EventLog
  metrics(): readonly Metric[]
  /** Why they are read no more; null where they are. */
  failure(): string | null
  /** How long looks wait for what stands in the topics, milliseconds. */
  readonly patienceMs: number
  close(): Promise<void>
}

/** How topics are read. */
export interface LandingOptions {
  /** Default: those that sinks write to. */
  readonly topics?: LogTopics
  /** Default: kafkajs. */
  readonly library?: KafkaLibrary
  /** How long what stands in a topic may take to land, milliseconds. Default 30,000. */
  readonly patienceMs?: number
  /** How long a file is written to. Default: until it is full. */
  readonly maximumSegmentAgeMs?: number
}

/**
 * Reads fairtrial's topics into a directory of segments. Its log can be read once all that stood in them at the start has
 * landed, or has had the patience to. From then on, what stands in them and does not land in time is told as missing, and
 * what has landed can be read. Each control plane reads all of them, as a consumer group of its own, whose name is kept
 * beside them.
 */
export async function landTopics(
  options: LandingOptions & {
    readonly brokers: readonly string[]
    readonly directory: string
    readonly log: (line: string) => void
  },
): Promise<LandedTopics> {
  const { brokers, directory, topics, log, patienceMs = LANDING_MS } = options
  const { library = kafkajsLibrary({ brokers }), maximumSegmentAgeMs } = options
  const catchUp = createCatchUp({ patienceMs, now: steadyTime(systemClock) })
  const landing = await kafkaSegments({
    library,
    directory: join(directory, 'kafka'),
    groupId: await groupOf(join(directory, 'kafka-group.json')),
    ...(topics !== undefined && { topics }),
    ...(maximumSegmentAgeMs !== undefined && { maximumSegmentAgeMs }),
    lagMs: LAG_MS,
    onLag: catchUp.note,
    onNotice: ({ kind, detail }) => {
      if (kind !== 'starting') log(`kafka: ${detail}`)
    },
  })
  let failure: string | null = null
  landing.ended.catch((error: Error) => {
    failure = error.message
    log(`kafka: topics are read no more: ${failure}`)
  })
  const landed = segmentLog(join(directory, 'kafka'))
  const { exposures, outcomes, summaries } = { ...LOG_TOPICS, ...topics }
  const kinds: ReadonlyMap<string, LoggedKind> = new Map([
    [exposures, 'exposures'],
    [outcomes, 'outcomes'],
    [summaries, 'measurements'],
  ])

  /** Asked before what has landed is read: what lands meanwhile is there, and told as missing once more. */
  function missing(): Incomplete | null {
    const left = catchUp.left(landing.lag())
    const detail = left === 0 ? catchUp.late(landing.lag()) : sayLeft(left)
    if (detail === null) return null
    const lacks = catchUp.behind([...kinds.keys()]).flatMap((topic) => kinds.get(topic) ?? [])
    return { detail, lacks }
  }
  return {
    events: {
      async readFrom(cursor) {
        const incomplete = missing()
        if (incomplete !== null && catchUp.isStarting()) throw behind(incomplete.detail)
        const portion = await landed.readFrom(cursor as Parameters<typeof landed.readFrom>[0])
        return incomplete === null ? portion : { ...portion, incomplete }
      },
    },
    patienceMs,
    failure: () => failure,
    metrics: () => [
      {
        name: 'fairtrial_kafka_lag_records',
        help: 'Records in a partition that are not read yet.',
        type: 'gauge',
        samples: landing.lag().map(({ topic, partition, lag }) => ({
          labels: { topic, partition: String(partition) },
          value: lag,
        })),
      },
      {
        name: 'fairtrial_kafka_records_total',
        help: 'Records read from topics, by what they were; lost: deleted before they were read.',
        type: 'counter',
        samples: Object.entries(landing.counts()).map(([result, value]) => ({ labels: { result }, value })),
      },
    ],
    close: () => landing.close(),
  }
}

const LAG_MS = 1_000
const LANDING_MS = 30_000

function sayLeft(left: number | null): string {
  return left === null
    ? 'Kafka has not told yet what stands in its topics.'
    : `${left.toLocaleString('en-US')} records that stood in the topics at the start have not landed yet.`
}

/** Right after a start there is nothing that half of a log would have to be looked at for. */
function behind(why: string): ExperimentError {
  return new ExperimentError(
    'unreachable',
    why,
    'The next looks wait for it; until then the evidence is missing.',
  )
}

/** Kept, so that a process that starts again goes on as the same group. */
async function groupOf(path: string): Promise<string> {
  const kept = (await readKept(path)) as { readonly groupId?: unknown } | null
  if (kept === null) {
    const groupId = `fairtrial-control-plane-${randomUUID()}`
    await writeKept(path, { groupId })
    return groupId
  }
  if (typeof kept.groupId === 'string' && kept.groupId !== '') return kept.groupId
  throw new ExperimentError('invalid-state', `${path} names no group.`, 'Restore the data directory.')
}

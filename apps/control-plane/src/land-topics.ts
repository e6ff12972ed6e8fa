import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { kafkajsLibrary, kafkaSegments, type LogTopics } from '@fairtrial/exposure/kafka'
import { segmentLog } from '@fairtrial/exposure/segments'
import { ExperimentError } from '@fairtrial/protocol'
import type { EventLog } from '@fairtrial/rollout/controller'
import { readKept, writeKept } from './kept-file.ts'
import type { Metric } from './metrics/metric.ts'

/** Topics of Kafka that are read into files of this process. */
export interface LandedTopics {
  readonly events: EventLog
  metrics(): readonly Metric[]
  /** Why they are not read; null while they are. */
  failure(): string | null
  close(): Promise<void>
}

/**
 * Reads fairtrial's topics into a directory of segments. Each control plane reads all of them, as a consumer group of
 * its own, whose name is kept beside them.
 *
 * @param options.topics default: those that sinks write to
 */
export async function landTopics(options: {
  readonly brokers: readonly string[]
  readonly directory: string
  readonly topics?: LogTopics
  readonly log: (line: string) => void
}): Promise<LandedTopics> {
  const { brokers, directory, topics, log } = options
  const landing = await kafkaSegments({
    library: kafkajsLibrary({ brokers }),
    directory: join(directory, 'kafka'),
    groupId: await groupOf(join(directory, 'kafka-group.json')),
    ...(topics !== undefined && { topics }),
    onNotice: ({ kind, detail }) => {
      if (kind !== 'starting') log(`kafka: ${detail}`)
    },
  })
  let failure: string | null = null
  landing.ended.catch((error: Error) => {
    failure = error.message
    log(`kafka: topics are read no more: ${failure}`)
  })
  return {
    events: segmentLog(join(directory, 'kafka')),
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

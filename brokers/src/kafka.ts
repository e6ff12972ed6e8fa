import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Admin } from 'kafkajs'
import { waitUntil, withAdmin } from './admin.ts'

/** A topic to make. */
export interface TopicPlan {
  readonly topic: string
  /** 1 where nothing is said. */
  readonly partitions?: number
  /** As many as the cluster's default where nothing is said. */
  readonly replicas?: number
  readonly config?: Readonly<Record<string, string | number | boolean>>
}

/** A Kafka that answers. */
export interface Kafka {
  /** The addresses that a client begins with: `127.0.0.1:24711`. */
  readonly brokers: readonly string[]
  /** Makes topics and waits until each partition has its leader. A topic that exists is an error. */
  createTopics(plans: readonly TopicPlan[]): Promise<void>
  /** Stops what was started for this handle; a cluster that was there before goes on. */
  stop(): Promise<void>
}

/** How long a cluster may take to notice that a broker is dead. */
const PATIENCE_MS = 30_000

/** Makes topics in any cluster. */
export async function createTopics(brokers: readonly string[], plans: readonly TopicPlan[]): Promise<void> {
  const topics = plans.map(({ topic, partitions = 1, replicas = -1, config = {} }) => ({
    topic,
    numPartitions: partitions,
    replicationFactor: replicas,
    configEntries: Object.entries(config).map(([name, value]) => ({ name, value: `${value}` })),
  }))
  const began = process.hrtime.bigint()
  for (;;) {
    try {
      await withAdmin(brokers, 8, (admin) => admin.createTopics({ waitForLeaders: true, topics }))
      return
    } catch (error) {
      // They are made, but the broker that was asked has not heard of them yet.
      if ((error as { type?: string }).type === 'UNKNOWN_TOPIC_OR_PARTITION') {
        await waitUntil(brokers, (admin) => haveLeaders(admin, plans), {
          deadlineMs: PATIENCE_MS,
          failure: () => undefined,
        })
        return
      }
      // Kafkajs gives up at once where the broker that it would ask is dead, and the others do not know yet.
      const isPatient = Number(process.hrtime.bigint() - began) / 1e6 < PATIENCE_MS
      if ((error as Error).name !== 'KafkaJSConnectionError' || !isPatient) throw error
      await sleep(200)
    }
  }
}

async function haveLeaders(admin: Admin, plans: readonly TopicPlan[]): Promise<boolean> {
  const { topics } = await admin.fetchTopicMetadata({ topics: plans.map(({ topic }) => topic) })
  return topics.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0))
}

/** A name that no other test has: `exposures-k3f9a2c1e07b`. */
export function uniqueTopic(name: string): string {
  return `${name}-${randomBytes(6).toString('hex')}`
}

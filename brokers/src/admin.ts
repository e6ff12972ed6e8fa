import { setTimeout as sleep } from 'node:timers/promises'
import { Kafka, logLevel } from 'kafkajs'
import type { Admin } from 'kafkajs'

const ATTEMPT_MS = 2000
const PAUSE_MS = 100

/**
 * Asks until `isTrue` answers yes: each attempt has a deadline of its own, for a broker may accept and never answer.
 * `isTrue` gets an admin client that is connected. Throws what `failure` says, as soon as it says something, and when
 * `deadlineMs` have passed.
 */
export async function waitUntil(
  brokers: readonly string[],
  isTrue: (admin: Admin) => Promise<boolean>,
  { deadlineMs, failure }: { deadlineMs: number; failure: () => string | undefined },
): Promise<void> {
  const began = process.hrtime.bigint()
  for (let last: unknown; ; ) {
    const problem = failure()
    if (problem !== undefined) throw new Error(problem)
    if (Number(process.hrtime.bigint() - began) / 1e6 > deadlineMs)
      throw new Error(`Kafka at ${brokers.join()} is not ready after ${deadlineMs} ms`, { cause: last })
    try {
      if (await withAdmin(brokers, 0, isTrue)) return
    } catch (error) {
      last = error
    }
    await sleep(PAUSE_MS)
  }
}

/** Whether the broker that is asked knows itself as living and in sync with all it has replicas of. */
export async function isInSync(admin: Admin, nodeId: number): Promise<boolean> {
  const { brokers } = await admin.describeCluster()
  if (!brokers.some((broker) => broker.nodeId === nodeId)) return false
  const { topics } = await admin.fetchTopicMetadata()
  return topics
    .flatMap(({ partitions }) => partitions)
    .every(({ replicas, isr }) => !replicas.includes(nodeId) || isr.includes(nodeId))
}

/** Lends an admin client. */
export async function withAdmin<Result>(
  brokers: readonly string[],
  retries: number,
  work: (admin: Admin) => Promise<Result>,
): Promise<Result> {
  const admin = new Kafka({
    clientId: 'fairtrial-brokers',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    connectionTimeout: ATTEMPT_MS,
    requestTimeout: retries === 0 ? ATTEMPT_MS : 30_000,
    retry: { retries, initialRetryTime: 100 },
  }).admin()
  try {
    await admin.connect()
    return await work(admin)
  } finally {
    await admin.disconnect().catch(() => {})
  }
}

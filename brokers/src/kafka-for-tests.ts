import { createTopics, uniqueTopic } from './kafka.ts'
import type { TopicPlan } from './kafka.ts'

/** What the setup of a test run says to its test files, through the environment. */
export interface TestBrokers {
  /** Answers with the addresses of the brokers. */
  readonly door: string
  /** Why Java, or what compiles the mock cluster, is not there. */
  readonly missing: { java?: string; mock?: string }
}

/** The name of the environment variable that holds {@link TestBrokers}. */
export const TEST_BROKERS = 'FAIRTRIAL_TEST_BROKERS'

/** The Kafka of a test run, as a test file sees it. */
export interface TestKafka {
  /** There is no Java here, as the run said before the tests: `describe.skipIf(kafka.isMissing)`. Never so in CI. */
  readonly isMissing: boolean
  /** The addresses that a client begins with; none where Kafka is missing. */
  readonly brokers: readonly string[]
  /** Makes a topic that no other test has, and answers with its name. */
  createTopic(name: string, plan?: Omit<TopicPlan, 'topic'>): Promise<string>
}

/**
 * One Kafka for all test files of a run, started when the first one asks; the cluster of `KAFKA_BROKERS` where that is
 * set. Await it at the top of a test file.
 */
export async function kafkaForTests(): Promise<TestKafka> {
  const { door, missing } = testBrokers()
  const isMissing = missing.java !== undefined && !process.env.KAFKA_BROKERS
  const brokers = isMissing ? [] : await ask(door)
  return {
    isMissing,
    brokers,
    async createTopic(name, plan = {}) {
      const topic = uniqueTopic(name)
      await createTopics(brokers, [{ topic, ...plan }])
      return topic
    },
  }
}

/** Which real parts this machine cannot run, so that a suite on clusters of its own can leave itself out too. */
export function missingForTests(): { readonly kafka: boolean; readonly mockCluster: boolean } {
  const { missing } = testBrokers()
  return { kafka: missing.java !== undefined, mockCluster: missing.mock !== undefined }
}

function testBrokers(): TestBrokers {
  const found = process.env[TEST_BROKERS]
  if (found === undefined)
    throw new Error(`${TEST_BROKERS} is not set: this runs under vitest of the workspace only`)
  return JSON.parse(found) as TestBrokers
}

async function ask(door: string): Promise<string[]> {
  const response = await fetch(door)
  if (!response.ok) throw new Error(await response.text())
  return ((await response.json()) as { brokers: string[] }).brokers
}

import type { TopicPlan } from './kafka.ts'

/** The topics that a service writes to, and what could not be read from them: as compose.yaml makes them. */
export const FAIRTRIAL_TOPICS: readonly Required<Pick<TopicPlan, 'topic' | 'partitions'>>[] = [
  { topic: 'fairtrial.exposures.v1', partitions: 16 },
  { topic: 'fairtrial.exposures.v1.dlq', partitions: 16 },
  { topic: 'fairtrial.outcomes.v1', partitions: 16 },
  { topic: 'fairtrial.outcomes.v1.dlq', partitions: 16 },
  { topic: 'fairtrial.summaries.v1', partitions: 16 },
  { topic: 'fairtrial.summaries.v1.dlq', partitions: 16 },
]

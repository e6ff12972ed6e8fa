import { refuse } from '../refusals.ts'

/** The topics of a log. */
export interface LogTopics {
  readonly exposures: string
  readonly outcomes: string
  readonly summaries: string
}

/** Where events are, unless said otherwise. */
export const LOG_TOPICS: LogTopics = topicsOf('fairtrial')

/**
 * The topics of a prefix: `PREFIX.exposures.v1`, `PREFIX.outcomes.v1`, `PREFIX.summaries.v1`.
 *
 * @throws ExperimentError `invalid-argument` for a prefix of which Kafka would not take the topics
 */
export function topicsOf(prefix: string): LogTopics {
  if (!isTopic(prefix)) refuse('The prefix of the topics', JSON.stringify(prefix), NAME_REMEDY)
  return logTopics({
    exposures: `${prefix}.exposures.v1`,
    outcomes: `${prefix}.outcomes.v1`,
    summaries: `${prefix}.summaries.v1`,
  })
}

/** Those that are given, and of the others the default. A topic that there cannot be would be waited for, for ever. */
export function logTopics(given: Partial<LogTopics> = {}): LogTopics {
  const named = (topic: keyof LogTopics): string => {
    const name = given[topic] ?? LOG_TOPICS[topic]
    if (!isTopic(name)) refuse(`topics.${topic}`, JSON.stringify(name), NAME_REMEDY)
    return name
  }
  return { exposures: named('exposures'), outcomes: named('outcomes'), summaries: named('summaries') }
}

const NAME_REMEDY = 'Use letters, digits, dots, underscores and hyphens, 245 in all at most.'

/** Dead letters have `.dlq` behind it; Kafka takes 249 characters. */
function isTopic(name: unknown): boolean {
  return typeof name === 'string' && /^(?!\.{1,2}$)[\w.-]{1,245}$/.test(name)
}

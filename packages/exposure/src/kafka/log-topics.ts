/** The topics of a log. */
export interface LogTopics {
  readonly exposures: string
  readonly outcomes: string
  readonly summaries: string
}

/** Where events are, unless said otherwise. */
export const LOG_TOPICS: LogTopics = topicsOf('fairtrial')

/** The topics of a prefix: `PREFIX.exposures.v1`, `PREFIX.outcomes.v1`, `PREFIX.summaries.v1`. */
export function topicsOf(prefix: string): LogTopics {
  return {
    exposures: `${prefix}.exposures.v1`,
    outcomes: `${prefix}.outcomes.v1`,
    summaries: `${prefix}.summaries.v1`,
  }
}

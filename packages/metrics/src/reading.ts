import { type Experiment, type MetricDefinition, durationMs } from '@fairtrial/protocol'

/** How one metric reads a unit's outcomes: its definition with defaults filled in and lengths in milliseconds. */
export interface Reading {
  readonly metric: string
  readonly type: MetricDefinition['type']
  /** The outcome's name, and its index among the names that the trial reads. */
  readonly event: string
  readonly eventIndex: number
  /** The column of a unit table. */
  readonly column: string
  readonly aggregate: NonNullable<MetricDefinition['aggregate']>
  readonly whenMissing: NonNullable<MetricDefinition['whenMissing']>
  readonly windowMs: number
  /** From exposure until the value is final: the window and the plan's maximum lateness. */
  readonly closesAfterMs: number
}

/** One reading a metric, in the order of the definition. */
export function readingsOf(experiment: Experiment): readonly Reading[] {
  const latenessMs = durationMs(experiment.analysis.maximumLateness)
  const events: string[] = []
  return Object.entries<MetricDefinition>(experiment.metrics).map(([metric, definition]) => {
    const { type, event = metric, column = metric, aggregate = 'sum' } = definition
    if (!events.includes(event)) events.push(event)
    const windowMs = durationMs(definition.window)
    return {
      metric,
      type,
      event,
      eventIndex: events.indexOf(event),
      column,
      aggregate,
      whenMissing: definition.whenMissing ?? trueValueOfNothing(type, aggregate),
      windowMs,
      closesAfterMs: windowMs + latenessMs,
    }
  })
}

/** Nothing happened is a count of 0 and a sum of 0, but no mean, maximum or first value. */
function trueValueOfNothing(type: Reading['type'], aggregate: Reading['aggregate']): Reading['whenMissing'] {
  return type === 'mean' && aggregate !== 'sum' ? 'exclude' : 'zero'
}

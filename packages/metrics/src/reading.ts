import { durationMs, type Experiment, type MetricDefinition } from '@fairtrial/protocol'

/** How one metric reads a unit's outcomes: its definition, with lengths in milliseconds. */
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
  const events = [...new Set(Object.values(experiment.metrics).map(({ event }) => event))]
  return Object.entries(experiment.metrics).map(([metric, definition]) => {
    const { type, event, column, aggregate = 'sum', whenMissing } = definition
    const windowMs = durationMs(definition.window)
    return {
      metric,
      type,
      event,
      eventIndex: events.indexOf(event),
      column,
      aggregate,
      whenMissing,
      windowMs,
      closesAfterMs: windowMs + latenessMs,
    }
  })
}

import { durationMs, type Experiment, type MetricDefinition, type SealedMetric } from '@fairtrial/protocol'
import { isMeasured } from './measurements.ts'
import { minutesKept } from './minute-sums.ts'

/** How the outcomes of one name become one number. */
export interface Folding {
  readonly type: MetricDefinition['type']
  /** Index of the outcome's name among the names that the trial reads. */
  readonly eventIndex: number
  readonly aggregate: NonNullable<MetricDefinition['aggregate']>
  readonly whenMissing: NonNullable<MetricDefinition['whenMissing']>
}

/** How one metric reads a unit: its definition, with lengths in milliseconds. */
export interface Reading extends Folding {
  readonly metric: string
  /** The column of a unit table. */
  readonly column: string
  /** From exposure until outcomes begin to count. */
  readonly delayMs: number
  readonly windowMs: number
  /** From exposure until the value is final: delay, window, and the plan's maximum lateness. */
  readonly closesAfterMs: number
  /** Of a ratio. */
  readonly denominator: (Folding & { readonly column: string }) | undefined
  readonly covariates: readonly CovariateReading[]
  readonly cap: MetricDefinition['cap']
  readonly maximumEvents: number | undefined
  /** Whole days to be told one by one; 0 of a metric that is not told by day. */
  readonly days: number
  /** Minutes that its hard limit looks back; 0 where it looks at none. */
  readonly minutes: number
  /** From exposure until the time whose minute a unit stands in: 0, or where more is better, until its window closes. */
  readonly minuteAfterMs: number
  /** Whether its values are kept one by one, for ranks. */
  readonly isRanked: boolean
  /** Whether one number a unit, as it is, says all: what nearly every metric is, and the fold is quickest at. */
  readonly isPlain: boolean
}

/** Where a covariate is found. In what does not have it, a log or a table, every unit lacks it. */
interface CovariateReading {
  readonly folding: Folding
  /** How far back from the first exposure a log is read. */
  readonly beforeMs: number | undefined
  readonly column: string | undefined
}

const DAY = durationMs('1d')

/** The names of the outcomes that a trial reads, each once. */
export function eventNamesOf(experiment: Experiment): readonly string[] {
  const names = outcomeMetrics(experiment).flatMap(([, { event, denominator, covariates = [] }]) => [
    event,
    ...(denominator ? [denominator.event] : []),
    ...covariates.filter(({ before }) => before !== undefined).map((covariate) => covariate.event),
  ])
  return [...new Set(names)]
}

/** What is measured is read by measurements, and has no unit whose outcomes could be. */
function outcomeMetrics({ metrics }: Experiment): readonly (readonly [string, SealedMetric])[] {
  return Object.entries<SealedMetric>(metrics).filter(([, metric]) => !isMeasured(metric))
}

/** One reading a metric of outcomes, in the order of the definition. */
export function readingsOf(experiment: Experiment): readonly Reading[] {
  const latenessMs = durationMs(experiment.analysis.maximumLateness)
  const events = eventNamesOf(experiment)
  return outcomeMetrics(experiment).map(([metric, definition]) => {
    const { type, column, aggregate = 'sum', whenMissing, cap, maximumEvents, denominator } = definition
    const delayMs = definition.delay === undefined ? 0 : durationMs(definition.delay)
    const windowMs = durationMs(definition.window)
    const days = definition.byDay === true ? Math.floor(windowMs / DAY) : 0
    const isRanked = definition.ranks === true
    const covariates = (definition.covariates ?? []).map((covariate) => ({
      folding: sumOf(covariate.event, events),
      beforeMs: covariate.before === undefined ? undefined : durationMs(covariate.before),
      column: covariate.column,
    }))
    const isAdjusted = covariates.length > 0 || cap !== undefined || maximumEvents !== undefined
    return {
      metric,
      type,
      eventIndex: events.indexOf(definition.event),
      column,
      aggregate,
      whenMissing,
      delayMs,
      windowMs,
      closesAfterMs: delayMs + windowMs + latenessMs,
      denominator: denominator && { ...sumOf(denominator.event, events), column: denominator.column },
      covariates,
      cap,
      maximumEvents,
      days,
      minutes: minutesKept(experiment, metric),
      minuteAfterMs: definition.direction === 'decrease' ? 0 : delayMs + windowMs + latenessMs,
      isRanked,
      isPlain: type !== 'ratio' && type !== 'quantile' && !isAdjusted && days === 0 && !isRanked,
    }
  })
}

function sumOf(event: string, events: readonly string[]): Folding {
  return { type: 'mean', eventIndex: events.indexOf(event), aggregate: 'sum', whenMissing: 'zero' }
}

/** Whether outcomes beyond a maximum are counted at all. */
export function hasMaximum(readings: readonly Reading[]): boolean {
  return readings.some(({ maximumEvents }) => maximumEvents !== undefined)
}

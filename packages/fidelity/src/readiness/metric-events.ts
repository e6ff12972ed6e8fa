import { durationMs, isMistimed } from '@fairtrial/protocol'
import type { Experiment, LogEvent, MeasurementEvent, OutcomeEvent, SealedMetric } from '@fairtrial/protocol'

/** The events of one metric in one arm. Times are epoch milliseconds. */
export interface ArmEvents {
  /** That count: of outcomes, those within the metric's window after the unit's first exposure. */
  readonly events: number
  /** Outcomes of units of the arm before or after that window. */
  readonly outside: number
  /** Of those that count, the ones that tell when they were received. */
  readonly received: number
  /** Of these, how many were received later than the plan's `maximumLateness` after they happened. */
  readonly late: number
  readonly latestMs: number
  /** When the newest that counts happened; null without any. */
  readonly newestAt: number | null
}

/** What came of one event that a metric is made of: a ratio is made of two. */
export interface MetricEvents {
  readonly metric: string
  readonly event: string
  readonly arms: { readonly [variant: string]: ArmEvents }
}

/** An event that some metric is made of, kept until the units' arms and first exposures are known. */
interface KeptEvent {
  /** Null of a measurement, which tells its arm. */
  readonly unitId: string | null
  readonly variant: string | null
  readonly at: number
  readonly receivedAt: number | undefined
}

/** The events of a dry run's metrics. Grows with them. */
export interface MetricTrace {
  readonly experiment: Experiment
  readonly phase: number
  /** By source and name. */
  readonly kept: Map<string, KeptEvent[]>
  /** Each outcome and each measurement counts once, however often it is delivered. */
  readonly known: Set<string>
}

/** Where a unit was exposed first: index of the arm, epoch milliseconds. */
export interface FirstExposure {
  readonly arm: number
  readonly firstAt: number
}

export function createMetricTrace(experiment: Experiment, phase: number): MetricTrace {
  const kept = new Map<string, KeptEvent[]>()
  for (const metric of Object.values(experiment.metrics))
    for (const event of eventsOf(metric)) kept.set(keyOf(metric, event), [])
  return { experiment, phase, kept, known: new Set() }
}

export function traceMetrics(trace: MetricTrace, event: LogEvent): void {
  if (event.schema === 'fairtrial.outcome/1') keepOutcome(trace, event)
  else if (event.schema === 'fairtrial.measurement/1') keepMeasurement(trace, event)
}

function keepOutcome({ experiment, kept, known }: MetricTrace, event: OutcomeEvent): void {
  const { unitType, unitId, name, outcomeId, occurredAt: at, receivedAt } = event
  const named = kept.get(`outcomes/${name}`)
  if (named === undefined || unitType !== experiment.unitType || isMistimed(at, receivedAt)) return
  if (known.has(outcomeId)) return
  known.add(outcomeId)
  named.push({ unitId, variant: null, at, receivedAt })
}

function keepMeasurement({ experiment, phase, kept, known }: MetricTrace, event: MeasurementEvent): void {
  const { variant, producerId, sequence, until: at, receivedAt } = event
  const named = kept.get(`measurements/${event.name}`)
  const isOwn =
    event.experiment === experiment.key &&
    event.fingerprint === experiment.fingerprint &&
    event.phase === phase
  if (named === undefined || !isOwn || isMistimed(at, receivedAt)) return
  const id = `${producerId}/${sequence}`
  if (known.has(id)) return
  known.add(id)
  named.push({ unitId: null, variant, at, receivedAt })
}

/** @param firstExposureOf of a unit that counts; undefined of any other */
export function metricEventsOf(
  { experiment, kept }: MetricTrace,
  firstExposureOf: (unitId: string) => FirstExposure | undefined,
): readonly MetricEvents[] {
  const maximumLateness = durationMs(experiment.analysis.maximumLateness)
  return Object.entries(experiment.metrics).flatMap(([metric, definition]) =>
    eventsOf(definition).map((event) => {
      const arms = experiment.variants.map(({ name }) => ({ name, ...noEvents() }))
      for (const one of kept.get(keyOf(definition, event)) ?? []) {
        const exposure = one.unitId === null ? undefined : firstExposureOf(one.unitId)
        const arm = arms.find(({ name }, index) => name === one.variant || index === exposure?.arm)
        if (arm === undefined) continue
        if (exposure === undefined || isWithin(definition, one.at - exposure.firstAt))
          count(arm, one, maximumLateness)
        else arm.outside += 1
      }
      return { metric, event, arms: Object.fromEntries(arms.map(({ name, ...counted }) => [name, counted])) }
    }),
  )
}

/** The events that a metric cannot be had without. */
function eventsOf({ event, denominator }: SealedMetric): readonly string[] {
  return denominator === undefined ? [event] : [...new Set([event, denominator.event])]
}

function keyOf({ source = 'outcomes' }: SealedMetric, event: string): string {
  return `${source}/${event}`
}

function isWithin({ delay, window }: SealedMetric, sinceExposure: number): boolean {
  const from = delay === undefined ? 0 : durationMs(delay)
  return sinceExposure >= from && sinceExposure <= from + durationMs(window)
}

type Counted = { -readonly [Name in keyof ArmEvents]: ArmEvents[Name] }

function noEvents(): Counted {
  return { events: 0, outside: 0, received: 0, late: 0, latestMs: 0, newestAt: null }
}

function count(arm: Counted, { at, receivedAt }: KeptEvent, maximumLateness: number): void {
  arm.events += 1
  // A clock that runs ahead does not make an event newer than its receipt.
  const seenAt = Math.min(at, receivedAt ?? at)
  arm.newestAt = Math.max(arm.newestAt ?? seenAt, seenAt)
  if (receivedAt === undefined) return
  arm.received += 1
  arm.latestMs = Math.max(arm.latestMs, receivedAt - at)
  if (receivedAt - at > maximumLateness) arm.late += 1
}

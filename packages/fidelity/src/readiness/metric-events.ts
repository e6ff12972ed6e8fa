import { durationMs, isMistimed } from '@fairtrial/protocol'
import type {
  Duration,
  Experiment,
  LogEvent,
  MeasurementEvent,
  OutcomeEvent,
  SealedMetric,
} from '@fairtrial/protocol'

/** The events of one metric in one arm. Times are epoch milliseconds. */
export interface ArmEvents {
  /** That count: of outcomes, those within the metric's window after the unit's first exposure. */
  readonly events: number
  /** Units with any of these; of measurements, which name no unit, their analysis clusters. */
  readonly units: number
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

/** Units that have an event which a covariate is made of, in its time before their first exposure. */
export interface CovariateEvents {
  readonly event: string
  readonly before: Duration
  readonly arms: { readonly [variant: string]: number }
}

/** An event that some metric is made of, kept until the units' arms and first exposures are known. */
interface KeptEvent {
  /** Null of a measurement, which tells its arm. */
  readonly unitId: string | null
  readonly variant: string | null
  /** Of a measurement. */
  readonly clusters: readonly number[]
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
  /** Who wrote them. */
  readonly producers: Set<string>
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
  for (const { event } of covariatesOf(experiment)) kept.set(`outcomes/${event}`, [])
  return { experiment, phase, kept, known: new Set(), producers: new Set() }
}

export function traceMetrics(trace: MetricTrace, event: LogEvent): void {
  if (event.schema === 'fairtrial.outcome/1') keepOutcome(trace, event)
  else if (event.schema === 'fairtrial.measurement/1') keepMeasurement(trace, event)
}

function keepOutcome({ experiment, kept, known, producers }: MetricTrace, event: OutcomeEvent): void {
  const { unitType, unitId, name, outcomeId, occurredAt: at, receivedAt } = event
  const named = kept.get(`outcomes/${name}`)
  if (named === undefined || unitType !== experiment.unitType || isMistimed(at, receivedAt)) return
  producers.add(event.producerId)
  if (known.has(outcomeId)) return
  known.add(outcomeId)
  named.push({ unitId, variant: null, clusters: [], at, receivedAt })
}

function keepMeasurement(trace: MetricTrace, event: MeasurementEvent): void {
  const { experiment, phase, kept, known, producers } = trace
  const { variant, producerId, sequence, until: at, receivedAt } = event
  const named = kept.get(`measurements/${event.name}`)
  const isOwn =
    event.experiment === experiment.key &&
    event.fingerprint === experiment.fingerprint &&
    event.phase === phase
  if (named === undefined || !isOwn || isMistimed(at, receivedAt)) return
  producers.add(producerId)
  const id = `${producerId}/${sequence}`
  if (known.has(id)) return
  known.add(id)
  const clusters = event.clusters.map(({ cluster }) => cluster)
  named.push({ unitId: null, variant, clusters, at, receivedAt })
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
      const met = arms.map(() => new Set<string | number>())
      for (const one of kept.get(keyOf(definition, event)) ?? []) {
        const exposure = one.unitId === null ? undefined : firstExposureOf(one.unitId)
        const at = arms.findIndex(({ name }, index) => name === one.variant || index === exposure?.arm)
        const arm = arms[at]
        if (arm === undefined) continue
        if (exposure === undefined || isWithin(definition, one.at - exposure.firstAt)) {
          count(arm, one, maximumLateness)
          for (const unit of one.unitId === null ? one.clusters : [one.unitId]) met[at]?.add(unit)
        } else arm.outside += 1
      }
      for (const [at, arm] of arms.entries()) arm.units = met[at]?.size ?? 0
      return { metric, event, arms: Object.fromEntries(arms.map(({ name, ...counted }) => [name, counted])) }
    }),
  )
}

/** @param firstExposureOf of a unit that counts; undefined of any other */
export function covariateEventsOf(
  { experiment, kept }: MetricTrace,
  firstExposureOf: (unitId: string) => FirstExposure | undefined,
): readonly CovariateEvents[] {
  return covariatesOf(experiment).map(({ event, before }) => {
    const beforeMs = durationMs(before)
    const met = experiment.variants.map(() => new Set<string>())
    for (const { unitId, at } of kept.get(`outcomes/${event}`) ?? []) {
      const exposure = unitId === null ? undefined : firstExposureOf(unitId)
      if (unitId === null || exposure === undefined) continue
      const early = exposure.firstAt - at
      if (early > 0 && early <= beforeMs) met[exposure.arm]?.add(unitId)
    }
    const arms = experiment.variants.map(({ name }, arm) => [name, met[arm]?.size ?? 0] as const)
    return { event, before, arms: Object.fromEntries(arms) }
  })
}

/** Those that a log tells, each stretch of an event once. */
export function covariatesOf({
  metrics,
}: Experiment): readonly { readonly event: string; readonly before: Duration }[] {
  const told = Object.values<SealedMetric>(metrics).flatMap(({ covariates = [] }) =>
    covariates.flatMap(({ event, before }) => (before === undefined ? [] : [{ event, before }])),
  )
  return [...new Map(told.map((each) => [`${each.event}/${each.before}`, each])).values()]
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
  return { events: 0, units: 0, outside: 0, received: 0, late: 0, latestMs: 0, newestAt: null }
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

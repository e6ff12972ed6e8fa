import type { LoadedExperiment } from '@fairtrial/assignment'
import { durationMs, isMistimed, setAsideAs } from '@fairtrial/protocol'
import type { Experiment, ExposureEvent, LogEvent, OutcomeEvent, RemovedNumbers } from '@fairtrial/protocol'
import { createArrivalTrace, traceArrival } from './arrival-trace.ts'
import type { ArrivalTrace } from './arrival-trace.ts'
import { createAsideTrace, traceAside } from './aside-trace.ts'
import type { AsideTrace } from './aside-trace.ts'
import { createEarlierTrace, traceEarlier } from './earlier-phase.ts'
import type { EarlierPhase, EarlierTrace } from './earlier-phase.ts'
import { createIdSpellings, noteSpelling } from './id-spellings.ts'
import type { IdSpellings } from './id-spellings.ts'
import { createInputTraces } from './input-trace.ts'
import type { InputTrace } from './input-trace.ts'
import { createPhaseTrace, traceExposure } from './phase-trace.ts'
import type { PhaseTrace } from './phase-trace.ts'
import { producerOf, traceOwnExposure, traceProduced, traceRemoved, traceReport } from './producer-trace.ts'
import type { ProducerTrace } from './producer-trace.ts'
import { createKeyTrace, traceKey } from './pseudonym-keys.ts'
import type { KeyTrace } from './pseudonym-keys.ts'
import { loadForReplay } from './replay.ts'
import { traceSkew } from './skew-trace.ts'
import { toleranceOf } from './tolerance.ts'

/**
 * A log checked so far. Grows by {@link foldAudit}, is read by `auditReport`; what else is in it is their own business.
 * Its memory grows with units, producers and gaps, never with events.
 */
export interface Audit {
  readonly experiment: Experiment
  /** The phase under audit; null takes every phase of this definition. */
  readonly phase: number | null
  readonly loaded: LoadedExperiment
  /** Of exposures under an earlier revision than that of the phase's start: it enrolled nobody. Null: it began at once. */
  readonly beforeStart: { readonly revision: number; readonly loaded: LoadedExperiment } | null
  readonly armIndex: ReadonlyMap<string, number>
  readonly eventNames: ReadonlySet<string>
  readonly maximumLateness: number
  readonly phases: Map<number, PhaseTrace>
  /** The inputs that the plan watches, in the phases under audit. */
  readonly inputs: readonly InputTrace[]
  /** Earlier phases under other definitions, as far as they were told. */
  readonly earlier: ReadonlyMap<number, EarlierTrace>
  /** How many outcomes each unit has. */
  readonly outcomesByUnit: Map<string, number>
  readonly spellings: IdSpellings
  readonly keys: Map<number, KeyTrace>
  readonly producers: Map<string, ProducerTrace>
  /** By producer the highest number that retention has taken from the log. */
  readonly removed: Map<string, number>
  readonly aside: AsideTrace
  readonly arrivals: ArrivalTrace
  readonly counts: {
    events: number
    /** Of the experiment's key, whatever their definition; those set aside are not among them. */
    exposures: number
    outcomes: number
    foreignExposures: number
    unreadableLines: number
  }
  readonly foreignFingerprints: Set<string>
  /** ln of the smallest anytime-valid p of the sample ratio at any report so far; 0 before the first. */
  sampleRatioLogP: number
}

/**
 * An empty audit.
 *
 * @param options.phase the phase under audit; without it, every phase of this definition
 * @param options.earlier the phases before it, whose units go into the one test of the sample ratio
 * @param options.startRevision of the state that began to enrol, where the phase was open before and enrolled nobody: what
 *   was exposed in it under an earlier one is a leak
 */
export function createAudit(
  experiment: Experiment,
  options: {
    readonly phase?: number
    readonly earlier?: readonly EarlierPhase[]
    readonly startRevision?: number
  } = {},
): Audit {
  const { phase = null, earlier = [], startRevision: revision } = options
  return {
    experiment,
    phase,
    loaded: loadForReplay(experiment),
    beforeStart: revision === undefined ? null : { revision, loaded: loadForReplay(experiment, 0) },
    armIndex: new Map(experiment.variants.map(({ name }, arm) => [name, arm])),
    eventNames: new Set(Object.values(experiment.metrics).map((metric) => metric.event)),
    maximumLateness: durationMs(experiment.analysis.maximumLateness),
    phases: new Map(),
    inputs: createInputTraces(experiment),
    earlier: new Map(
      earlier
        .filter(({ fingerprint }) => fingerprint !== experiment.fingerprint)
        .map((each) => [each.phase, createEarlierTrace(each)]),
    ),
    outcomesByUnit: new Map(),
    spellings: createIdSpellings(),
    keys: new Map(),
    producers: new Map(),
    removed: new Map(),
    aside: createAsideTrace(experiment),
    arrivals: createArrivalTrace(toleranceOf(experiment).maximumDataAge),
    counts: { events: 0, exposures: 0, outcomes: 0, foreignExposures: 0, unreadableLines: 0 },
    foreignFingerprints: new Set(),
    sampleRatioLogP: 0,
  }
}

/** What else a portion of a log tells. */
export interface FoldOptions {
  /** Lines of this portion that were no event. */
  readonly unreadableLines?: number
  /** What retention has taken from the log: told before or after what is left of it, once or again. */
  readonly removed?: readonly RemovedNumbers[]
}

/**
 * Reads events into an audit, in place, in any order and in any number of portions. Give it the whole log, other
 * experiments' events as well: a producer numbers all that it writes, and a gap is a loss only if nothing was left out, or taken by
 * retention, as the log tells.
 */
export function foldAudit(
  audit: Audit,
  events: Iterable<LogEvent>,
  { unreadableLines = 0, removed = [] }: FoldOptions = {},
): void {
  audit.counts.unreadableLines += unreadableLines
  for (const each of removed) traceRemoved(audit, each)
  for (const event of events) {
    audit.counts.events += 1
    foldEvent(audit, event)
  }
}

/** Who wrote an event, and how it came. */
interface Provenance {
  readonly producer: ProducerTrace
  /** False where this very line was there before. */
  readonly isNew: boolean
  readonly isMistimed: boolean
  /** Epoch milliseconds: a clock that runs ahead does not make an event newer than its receipt. NaN: nobody knows. */
  readonly seenAt: number
}

function foldEvent(audit: Audit, event: LogEvent): void {
  const at = timeOf(event)
  const { receivedAt } = event
  const mistimed = isMistimed(at, receivedAt)
  const seenAt = mistimed ? (receivedAt ?? Number.NaN) : Math.min(at, receivedAt ?? at)
  const producer = producerOf(audit, event)
  const isNew = traceProduced(producer, event, seenAt)
  if (isNew) traceSkew(producer.skew, at, receivedAt)
  const provenance = { producer, isNew, isMistimed: mistimed, seenAt }
  if (event.schema === 'fairtrial.exposure/1') foldExposure(audit, event, provenance)
  else if (event.schema === 'fairtrial.outcome/1') foldOutcome(audit, event, provenance)
  else if (event.schema === 'fairtrial.producer/1') traceReport(producer, event)
}

function timeOf(event: LogEvent): number {
  if (event.schema === 'fairtrial.exposure/1') return event.exposedAt
  if (event.schema === 'fairtrial.outcome/1') return event.occurredAt
  return event.schema === 'fairtrial.producer/1' ? event.reportedAt : event.until
}

const FOREIGN_FINGERPRINTS = 5

function foldExposure(audit: Audit, event: ExposureEvent, { producer, isNew, seenAt }: Provenance): void {
  const { experiment, counts } = audit
  if (event.experiment !== experiment.key) return
  traceOwnExposure(producer, event, seenAt)
  if (!isNew) producer.redelivered += 1
  if (event.fingerprint !== experiment.fingerprint) {
    // Another definition in an earlier phase is history; in this phase it is data mixed up.
    if (audit.phase !== null && event.phase < audit.phase) {
      traceEarlier(audit.earlier.get(event.phase), event)
      return
    }
    counts.exposures += 1
    counts.foreignExposures += 1
    producer.foreign += 1
    if (audit.foreignFingerprints.size < FOREIGN_FINGERPRINTS)
      audit.foreignFingerprints.add(event.fingerprint)
    return
  }
  const arm = audit.armIndex.get(event.variant)
  const isAudited = audit.phase === null || event.phase === audit.phase
  const as = setAsideAs(experiment, event)
  if (as !== null) {
    if (isAudited && arm !== undefined) traceAside(audit.aside, event, { as, arm, experiment })
    return
  }
  if (isAudited) {
    counts.exposures += 1
    const { exposedAt: at, receivedAt } = event
    traceArrival(audit.arrivals, { at, receivedAt, isExposure: true }, audit.maximumLateness)
  }
  const trace = phaseTraceOf(audit, event.phase)
  const unitsBefore = trace.unitTraces.size
  const { beforeStart } = audit
  const isEarly = beforeStart !== null && isAudited && event.revision < beforeStart.revision
  const { loaded } = isEarly ? beforeStart : audit
  const replayed = traceExposure(trace, event, { arm, loaded, isNew })
  if (isAudited && arm === undefined) producer.unknownVariants += 1
  if (isAudited && replayed === 'leak') producer.leaks += 1
  else if (isAudited && replayed !== null && replayed !== 'as-logged') producer.mismatches += 1
  if (trace.unitTraces.size === unitsBefore) return
  if (!isNew) producer.reused += 1
  noteUnit(audit, event.unitId)
  traceKey(keyTraceOf(audit, event.phase), event.unitId)
}

function foldOutcome(audit: Audit, event: OutcomeEvent, { producer, isNew, isMistimed }: Provenance): void {
  const { experiment, eventNames, outcomesByUnit } = audit
  if (event.unitType !== experiment.unitType || !eventNames.has(event.name)) return
  if (isMistimed) {
    audit.aside.mistimedOutcomes += 1
    return
  }
  audit.counts.outcomes += 1
  const { occurredAt: at, receivedAt } = event
  traceArrival(audit.arrivals, { at, receivedAt, isExposure: false }, audit.maximumLateness)
  const before = outcomesByUnit.get(event.unitId)
  if (before !== undefined && !isNew) return
  outcomesByUnit.set(event.unitId, (before ?? 0) + 1)
  if (before !== undefined) return
  if (!isNew) producer.reused += 1
  noteUnit(audit, event.unitId)
}

function noteUnit({ phases, outcomesByUnit, spellings }: Audit, unitId: string): void {
  noteSpelling(spellings, unitId, (id) => {
    if (outcomesByUnit.has(id)) return true
    for (const { unitTraces } of phases.values()) if (unitTraces.has(id)) return true
    return false
  })
}

function phaseTraceOf(audit: Audit, phase: number): PhaseTrace {
  const { phases, experiment } = audit
  let trace = phases.get(phase)
  if (trace === undefined) {
    const inputs = audit.phase === null || phase === audit.phase ? audit.inputs : []
    phases.set(phase, (trace = createPhaseTrace(experiment.variants.length, experiment, inputs)))
  }
  return trace
}

function keyTraceOf({ keys }: Audit, phase: number): KeyTrace {
  let trace = keys.get(phase)
  if (trace === undefined) keys.set(phase, (trace = createKeyTrace()))
  return trace
}

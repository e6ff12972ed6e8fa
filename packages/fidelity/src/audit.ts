import type { LoadedExperiment } from '@fairtrial/assignment'
import { durationMs } from '@fairtrial/protocol'
import type { Experiment, ExposureEvent, LogEvent, OutcomeEvent } from '@fairtrial/protocol'
import { createArrivalTrace, traceArrival } from './arrival-trace.ts'
import type { ArrivalTrace } from './arrival-trace.ts'
import { createEarlierTrace, traceEarlier } from './earlier-phase.ts'
import type { EarlierPhase, EarlierTrace } from './earlier-phase.ts'
import { createIdSpellings, noteSpelling } from './id-spellings.ts'
import type { IdSpellings } from './id-spellings.ts'
import { createPhaseTrace, traceExposure } from './phase-trace.ts'
import type { PhaseTrace } from './phase-trace.ts'
import { loadForReplay } from './replay.ts'
import { createSequenceTrace, traceSequence } from './sequence-trace.ts'
import type { SequenceTrace } from './sequence-trace.ts'
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
  readonly armIndex: ReadonlyMap<string, number>
  readonly eventNames: ReadonlySet<string>
  readonly maximumLateness: number
  readonly phases: Map<number, PhaseTrace>
  /** Earlier phases under other definitions, as far as they were told. */
  readonly earlier: ReadonlyMap<number, EarlierTrace>
  readonly unitsWithOutcome: Set<string>
  readonly spellings: IdSpellings
  readonly producers: Map<string, SequenceTrace>
  readonly arrivals: ArrivalTrace
  readonly counts: {
    events: number
    /** Of the experiment's key, whatever their definition. */
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
 */
export function createAudit(
  experiment: Experiment,
  options: { readonly phase?: number; readonly earlier?: readonly EarlierPhase[] } = {},
): Audit {
  const { phase = null, earlier = [] } = options
  return {
    experiment,
    phase,
    loaded: loadForReplay(experiment),
    armIndex: new Map(experiment.variants.map(({ name }, arm) => [name, arm])),
    eventNames: new Set(Object.values(experiment.metrics).map((metric) => metric.event)),
    maximumLateness: durationMs(experiment.analysis.maximumLateness),
    phases: new Map(),
    earlier: new Map(
      earlier
        .filter(({ fingerprint }) => fingerprint !== experiment.fingerprint)
        .map((each) => [each.phase, createEarlierTrace(each)]),
    ),
    unitsWithOutcome: new Set(),
    spellings: createIdSpellings(),
    producers: new Map(),
    arrivals: createArrivalTrace(toleranceOf(experiment).maximumDataAge),
    counts: { events: 0, exposures: 0, outcomes: 0, foreignExposures: 0, unreadableLines: 0 },
    foreignFingerprints: new Set(),
    sampleRatioLogP: 0,
  }
}

/**
 * Reads events into an audit, in place, in any order and in any number of portions. Give it the whole log, other
 * experiments' events as well: a producer numbers all that it writes, and a gap is a loss only if nothing was left out.
 *
 * @param options.unreadableLines lines of this portion that were no event
 */
export function foldAudit(
  audit: Audit,
  events: Iterable<LogEvent>,
  options: { readonly unreadableLines?: number } = {},
): void {
  audit.counts.unreadableLines += options.unreadableLines ?? 0
  for (const event of events) {
    audit.counts.events += 1
    traceProducer(audit, event)
    if (event.schema === 'fairtrial.exposure/1') foldExposure(audit, event)
    else if (event.schema === 'fairtrial.outcome/1') foldOutcome(audit, event)
  }
}

function traceProducer({ producers }: Audit, { producerId, sequence }: LogEvent): void {
  let trace = producers.get(producerId)
  if (trace === undefined) producers.set(producerId, (trace = createSequenceTrace()))
  traceSequence(trace, sequence)
}

const FOREIGN_FINGERPRINTS = 5

function foldExposure(audit: Audit, event: ExposureEvent): void {
  const { experiment, counts } = audit
  if (event.experiment !== experiment.key) return
  if (event.fingerprint !== experiment.fingerprint) {
    // Another definition in an earlier phase is history; in this phase it is data mixed up.
    if (audit.phase !== null && event.phase < audit.phase) {
      traceEarlier(audit.earlier.get(event.phase), event)
      return
    }
    counts.exposures += 1
    counts.foreignExposures += 1
    if (audit.foreignFingerprints.size < FOREIGN_FINGERPRINTS)
      audit.foreignFingerprints.add(event.fingerprint)
    return
  }
  const isAudited = audit.phase === null || event.phase === audit.phase
  if (isAudited) {
    counts.exposures += 1
    const { exposedAt: at, receivedAt } = event
    traceArrival(audit.arrivals, { at, receivedAt, isExposure: true }, audit.maximumLateness)
  }
  const trace = phaseTraceOf(audit, event.phase)
  const unitsBefore = trace.unitTraces.size
  traceExposure(trace, event, audit.armIndex.get(event.variant), audit.loaded)
  if (trace.unitTraces.size > unitsBefore) noteUnit(audit, event.unitId)
}

function foldOutcome(audit: Audit, event: OutcomeEvent): void {
  const { experiment, eventNames, unitsWithOutcome } = audit
  if (event.unitType !== experiment.unitType || !eventNames.has(event.name)) return
  audit.counts.outcomes += 1
  const { occurredAt: at, receivedAt } = event
  traceArrival(audit.arrivals, { at, receivedAt, isExposure: false }, audit.maximumLateness)
  if (unitsWithOutcome.has(event.unitId)) return
  unitsWithOutcome.add(event.unitId)
  noteUnit(audit, event.unitId)
}

function noteUnit({ phases, unitsWithOutcome, spellings }: Audit, unitId: string): void {
  noteSpelling(spellings, unitId, (id) => {
    if (unitsWithOutcome.has(id)) return true
    for (const { unitTraces } of phases.values()) if (unitTraces.has(id)) return true
    return false
  })
}

function phaseTraceOf(audit: Audit, phase: number): PhaseTrace {
  let trace = audit.phases.get(phase)
  if (trace === undefined)
    audit.phases.set(phase, (trace = createPhaseTrace(audit.experiment.variants.length)))
  return trace
}

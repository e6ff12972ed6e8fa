import { isMistimed, setAsideAs } from '@fairtrial/protocol'
import type {
  Experiment,
  ExposureEvent,
  LogEvent,
  MeasurementEvent,
  OutcomeEvent,
  SetAside,
  TrialSummary,
} from '@fairtrial/protocol'
import { byVariant } from './by-variant.ts'
import { eventSpansOf } from './event-span.ts'
import { type KnownPairs, mergeInPairs } from './merge-in-pairs.ts'
import { addMeasurement, createMeasurements, measuredMetrics, type Measurements } from './measurements.ts'
import { firstKept, keepMinutes } from './minute-sums.ts'
import { addOutcome, createOutcomeStore, type OutcomeStore } from './outcome-store.ts'
import { eventNamesOf, hasMaximum, readingsOf } from './reading.ts'
import { emptyTally, type Tally, type TallyPlan, tallyUnits } from './tally.ts'
import { addExposure, createUnitRecord, UNEXPOSED, type UnitRecord } from './unit-record.ts'

/** A trial's log read so far: made by {@link createFold}, grown by {@link foldEvents}, read by {@link summaryOf}. */
export interface Fold {
  readonly experiment: Experiment
  readonly phase: number
}

/** What a fold really is. */
export interface FoldState extends Fold {
  readonly plan: TallyPlan
  readonly armIndex: ReadonlyMap<string, number>
  readonly eventIndex: ReadonlyMap<string, number>
  readonly units: Map<string, UnitRecord>
  readonly pages: Page[]
  readonly pairs: KnownPairs
  readonly outcomes: OutcomeStore
  /** Null where no metric is of measurements. */
  readonly measurements: Measurements | null
  readonly counts: {
    crossoverUnits: number
    repeatedExposures: number
    repeatedOutcomes: number
    unmatchedOutcomes: number
    foreignExposures: number
    nonFiniteValues: number
  }
  readonly setAside: { [count in (typeof SET_ASIDE)[keyof typeof SET_ASIDE]]?: number }
  /** Minus infinity before any event. */
  newestEventAt: number
}

/** What is counted of exposures that enter no analysis. */
const SET_ASIDE = {
  overridden: 'overriddenExposures',
  excluded: 'excludedExposures',
  untriggered: 'untriggeredExposures',
  mistimed: 'mistimedEvents',
} as const

/**
 * Exposed units in the order in which they were met, with their tally. Only pages that a new event has touched, or on
 * which a window has closed since, are summed up again: a tick costs what is new, not what there is.
 */
interface Page {
  readonly units: UnitRecord[]
  /** Holds for times from `asOf` on and before `until`; null once an event has touched the page. */
  held: { readonly tally: Tally; readonly asOf: number; readonly until: number } | null
}

const UNITS_PER_PAGE = 512

/** An empty fold of one phase. Exposures of any other phase or definition are set aside and counted. */
export function createFold(experiment: Experiment, { phase }: { readonly phase: number }): Fold {
  const readings = readingsOf(experiment)
  const state: FoldState = {
    experiment,
    phase,
    plan: {
      variants: experiment.variants,
      crossover: experiment.analysis.crossover,
      readings,
      spans: eventSpansOf(readings),
      hasMaximum: hasMaximum(readings),
    },
    armIndex: new Map(experiment.variants.map(({ name }, arm) => [name, arm])),
    eventIndex: new Map(eventNamesOf(experiment).map((name, index) => [name, index])),
    units: new Map(),
    pages: [],
    pairs: new WeakMap(),
    outcomes: createOutcomeStore(),
    measurements: createMeasurements(experiment),
    counts: {
      crossoverUnits: 0,
      repeatedExposures: 0,
      repeatedOutcomes: 0,
      unmatchedOutcomes: 0,
      foreignExposures: 0,
      nonFiniteValues: 0,
    },
    setAside: {},
    newestEventAt: Number.NEGATIVE_INFINITY,
  }
  return state
}

/**
 * Reads events into a fold, in place. Their order does not matter, nor in how many portions they come, nor that some
 * come twice: the same set of events gives the same summary (its moments, up to rounding). Never throws; what cannot
 * count is counted.
 */
export function foldEvents(fold: Fold, events: Iterable<LogEvent>): void {
  const state = fold as FoldState
  for (const event of events) {
    if (event.schema === 'fairtrial.exposure/1') foldExposure(state, event)
    else if (event.schema === 'fairtrial.outcome/1') foldOutcome(state, event)
    else if (event.schema === 'fairtrial.measurement/1') foldMeasurement(state, event)
  }
}

function foldExposure(fold: FoldState, event: ExposureEvent): void {
  const { experiment, counts } = fold
  if (event.experiment !== experiment.key) return
  const arm = fold.armIndex.get(event.variant)
  if (
    arm === undefined ||
    event.fingerprint !== experiment.fingerprint ||
    event.phase !== fold.phase ||
    event.unitType !== experiment.unitType
  ) {
    counts.foreignExposures += 1
    return
  }
  if (!Number.isFinite(event.exposedAt)) {
    counts.nonFiniteValues += 1
    return
  }
  const aside = setAsideAs(experiment, event)
  if (aside !== null) {
    countAside(fold, aside)
    return
  }
  const unit = unitOf(fold, event.unitId)
  const wasUnexposed = unit.arm === UNEXPOSED
  const wasCrossover = unit.arms !== null
  if (!addExposure(unit, arm, event.exposedAt, event.bucket)) counts.repeatedExposures += 1
  if (!wasCrossover && unit.arms !== null) counts.crossoverUnits += 1
  if (wasUnexposed) {
    putOnPage(fold, unit)
    counts.unmatchedOutcomes -= unit.outcomeCount
  }
  fold.pages[unit.page]!.held = null
  noteTime(fold, event.exposedAt, event.receivedAt)
}

function foldOutcome(fold: FoldState, event: OutcomeEvent): void {
  const eventIndex = fold.eventIndex.get(event.name)
  if (eventIndex === undefined || event.unitType !== fold.experiment.unitType) return
  const { counts } = fold
  // Number.isFinite is false of a string that looks like a number, too.
  if (!(Number.isFinite(event.value) && Number.isFinite(event.occurredAt))) {
    counts.nonFiniteValues += 1
    return
  }
  if (isMistimed(event.occurredAt, event.receivedAt)) {
    countAside(fold, 'mistimed')
    return
  }
  const unit = unitOf(fold, event.unitId)
  if (!addOutcome(fold.outcomes, unit, event, eventIndex)) {
    counts.repeatedOutcomes += 1
    return
  }
  if (unit.arm === UNEXPOSED) counts.unmatchedOutcomes += 1
  else fold.pages[unit.page]!.held = null
  noteTime(fold, event.occurredAt, event.receivedAt)
}

function countAside({ setAside }: FoldState, as: SetAside): void {
  const count = SET_ASIDE[as]
  setAside[count] = (setAside[count] ?? 0) + 1
}

function foldMeasurement(fold: FoldState, event: MeasurementEvent): void {
  const { experiment, measurements } = fold
  if (measurements === null || event.experiment !== experiment.key) return
  const isOwn =
    event.fingerprint === experiment.fingerprint &&
    event.phase === fold.phase &&
    event.unitType === experiment.unitType
  const arm = isOwn ? fold.armIndex.get(event.variant) : undefined
  const at = Math.min(event.until, event.receivedAt ?? event.until)
  if (addMeasurement(measurements, event, arm, at)) noteTime(fold, at)
}

function unitOf(fold: FoldState, unitId: string): UnitRecord {
  let unit = fold.units.get(unitId)
  if (unit === undefined) {
    unit = createUnitRecord()
    fold.units.set(unitId, unit)
  }
  return unit
}

function putOnPage({ pages }: FoldState, unit: UnitRecord): void {
  const isFull = pages.length === 0 || pages.at(-1)!.units.length === UNITS_PER_PAGE
  if (isFull) pages.push({ units: [], held: null })
  pages.at(-1)!.units.push(unit)
  unit.page = pages.length - 1
}

/** A producer whose clock runs ahead does not make the data newer than their receipt. */
function noteTime(fold: FoldState, at: number, receivedAt = at): void {
  const knownAt = Math.min(at, receivedAt)
  if (knownAt > fold.newestEventAt) fold.newestEventAt = knownAt
}

/**
 * What the events read so far come to at a time. A unit's window has closed when `asOf` ≥ exposedAt + window +
 * maximum lateness: from then on it stands in `closed`; in `current` it stands from its exposure on. Measurements count
 * from when they were made, and are not kept one by one: what an earlier call has counted stays.
 *
 * @param asOf epoch milliseconds; it may go back and forth
 */
export function summaryOf(fold: Fold, asOf: number): TrialSummary {
  const { experiment, phase, plan, pages, pairs, outcomes, measurements, counts, setAside, newestEventAt } =
    fold as FoldState
  const tallies = pages.map((page) => tallyPage(page, outcomes, plan, asOf))
  const total = mergeInPairs(tallies, pairs) ?? emptyTally(plan)
  return {
    schema: 'fairtrial.summary/1',
    experiment: experiment.key,
    fingerprint: experiment.fingerprint,
    phase,
    asOf,
    units: byVariant(plan.variants, total.units),
    metrics: {
      ...Object.fromEntries(
        plan.readings.map(({ metric, minutes }, r) => [
          metric,
          byVariant(
            plan.variants,
            total.metrics[r]!.map((arm) => keepMinutes(arm, firstKept(asOf, minutes))),
          ),
        ]),
      ),
      ...measuredMetrics(experiment, measurements, asOf),
    },
    counts: {
      ...counts,
      earlyOutcomes: total.earlyOutcomes,
      lateOutcomes: total.lateOutcomes,
      nonFiniteValues: counts.nonFiniteValues + total.nonFiniteValues,
      ...(plan.hasMaximum && { excessOutcomes: total.excessOutcomes }),
      ...setAside,
      ...(measurements && {
        repeatedMeasurements: measurements.repeated,
        foreignMeasurements: measurements.foreign,
      }),
    },
    newestEventAt: Number.isFinite(newestEventAt) ? newestEventAt : null,
  }
}

function tallyPage(page: Page, outcomes: OutcomeStore, plan: TallyPlan, asOf: number): Tally {
  if (page.held === null || asOf < page.held.asOf || asOf >= page.held.until) {
    page.held = { ...tallyUnits(page.units, outcomes, plan, asOf), asOf }
  }
  return page.held.tally
}

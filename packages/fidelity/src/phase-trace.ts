import type { LoadedExperiment } from '@fairtrial/assignment'
import type { Experiment, ExposureEvent } from '@fairtrial/protocol'
import { addTo } from './by-arm.ts'
import { countInputs, inputBinsOf, type InputTrace } from './input-trace.ts'
import { replay } from './replay.ts'
import type { Mismatch, Replayed } from './replay.ts'
import { createStrata, type Strata, stratumOf } from './strata.ts'
import { MARK, type UnitTrace } from './unit-trace.ts'

/** One phase's exposures, by arm where it says so, in the order of the definition's variants. */
export interface PhaseTrace {
  readonly unitTraces: Map<string, UnitTrace>
  /** Units, each in the arm of its first exposure. */
  readonly units: number[]
  /** Of these, the ones that were met in another arm too. */
  readonly crossed: number[]
  exposures: number
  unique: number
  unknownVariants: number
  replayed: number
  mismatches: number
  /** Of the mismatches, by what differs. */
  readonly mismatched: { [what in Mismatch]: number }
  leaks: number
  /** The first few units of each kind, to start looking from. */
  readonly examples: {
    readonly leak: string[]
    readonly mismatch: string[]
    readonly unknownVariant: string[]
  }
  /** Triggers met, in the order in which they came; the first is none. */
  readonly triggers: string[]
  /** Null of an earlier phase under another definition. */
  readonly strata: Strata | null
  /** The inputs that the plan watches; none of a phase that is not under audit. */
  readonly inputs: readonly InputTrace[]
}

const EXAMPLES = 5
/** Triggers that are told apart: what fits into the bits of an integer. */
const MAXIMUM_TRIGGERS = 30

/**
 * @param experiment whose dimensions part the units; null where they are not asked for
 * @param inputs where units are counted by what they were
 */
export function createPhaseTrace(
  arms: number,
  experiment: Experiment | null = null,
  inputs: readonly InputTrace[] = [],
): PhaseTrace {
  const zeros = (): number[] => Array.from({ length: arms }, () => 0)
  return {
    unitTraces: new Map(),
    units: zeros(),
    crossed: zeros(),
    exposures: 0,
    unique: 0,
    unknownVariants: 0,
    replayed: 0,
    mismatches: 0,
    mismatched: { seed: 0, bucket: 0, arm: 0 },
    leaks: 0,
    examples: { leak: [], mismatch: [], unknownVariant: [] },
    triggers: [''],
    strata: experiment === null ? null : createStrata(experiment),
    inputs,
  }
}

/** What an exposure is traced with. */
interface Traced {
  /** Undefined where the definition does not know the variant. */
  readonly arm: number | undefined
  /** What to replay it against; null where the definition is not at hand. */
  readonly loaded: LoadedExperiment | null
  /** False where this very line was there before. */
  readonly isNew: boolean
}

/**
 * Notes an exposure of this phase. A repeated one costs a look-up, and no hash.
 *
 * @returns what its replay says; null where it was not replayed
 */
export function traceExposure(
  trace: PhaseTrace,
  event: ExposureEvent,
  { arm, loaded, isNew }: Traced,
): Replayed | null {
  trace.exposures += 1
  if (arm === undefined) {
    trace.unknownVariants += 1
    keepExample(trace.examples.unknownVariant, event.variant)
    return null
  }
  const unit = trace.unitTraces.get(event.unitId)
  if (unit === undefined) {
    trace.unitTraces.set(event.unitId, enter(trace, event, arm))
    trace.unique += 1
    return traceReplay(trace, event, loaded)
  }
  const isKnownArm = unit.arms?.includes(arm) ?? unit.arm === arm
  markRepeated(trace, unit, event, { isKnownArm, isNew })
  if (isKnownArm && unit.bucket === event.bucket) {
    moveToFirst(trace, unit, event, arm)
    return null
  }
  if (!isKnownArm) {
    trace.unique += 1
    countUnit(trace, unit, -1)
    unit.arms = [...(unit.arms ?? [unit.arm]), arm]
    countUnit(trace, unit, 1)
  }
  moveToFirst(trace, unit, event, arm)
  return traceReplay(trace, event, loaded)
}

function enter(trace: PhaseTrace, event: ExposureEvent, arm: number): UnitTrace {
  const unit: UnitTrace = {
    arm,
    firstAt: event.exposedAt,
    bucket: event.bucket,
    arms: null,
    exposures: 1,
    marks: isSticky(event) ? MARK.sticky : 0,
    triggers: triggerBit(trace, event.trigger),
    stratum: trace.strata === null ? null : stratumOf(trace.strata, event),
    inputs: inputBinsOf(trace.inputs, event),
  }
  countUnit(trace, unit, 1)
  return unit
}

/** An exposure under another trigger, or in another arm, is another exposure, and repeats nothing. */
function markRepeated(
  trace: PhaseTrace,
  unit: UnitTrace,
  event: ExposureEvent,
  { isKnownArm, isNew }: { readonly isKnownArm: boolean; readonly isNew: boolean },
): void {
  if (isSticky(event)) unit.marks |= MARK.sticky
  if (!isNew) {
    unit.marks |= MARK.delivered
    return
  }
  unit.exposures += 1
  const trigger = triggerBit(trace, event.trigger)
  if (isKnownArm && (unit.triggers & trigger) !== 0) unit.marks |= MARK.recorded
  unit.triggers |= trigger
}

function isSticky({ assignedAs, unitId }: ExposureEvent): boolean {
  return assignedAs !== undefined && assignedAs !== unitId
}

function triggerBit({ triggers }: PhaseTrace, trigger: string | undefined): number {
  if (trigger === undefined) return 1
  let index = triggers.indexOf(trigger, 1)
  if (index === -1) index = triggers.length > MAXIMUM_TRIGGERS ? MAXIMUM_TRIGGERS : triggers.push(trigger) - 1
  return 1 << index
}

/** Events may come in any order: the arm met first is the one with the earliest time so far. */
function moveToFirst(trace: PhaseTrace, unit: UnitTrace, event: ExposureEvent, arm: number): void {
  if (event.exposedAt >= unit.firstAt) return
  countUnit(trace, unit, -1)
  unit.arm = arm
  unit.firstAt = event.exposedAt
  if (trace.strata !== null) unit.stratum = stratumOf(trace.strata, event)
  unit.inputs = inputBinsOf(trace.inputs, event)
  countUnit(trace, unit, 1)
}

function countUnit(trace: PhaseTrace, unit: UnitTrace, by: 1 | -1): void {
  const { arm, arms, stratum, firstAt, inputs } = unit
  addTo(trace.units, arm, by)
  if (arms !== null) addTo(trace.crossed, arm, by)
  if (stratum !== null) addTo(stratum.counts, arm, by)
  if (inputs !== null) countInputs(trace.inputs, { arm, firstAt, inputs }, by)
}

function traceReplay(
  trace: PhaseTrace,
  event: ExposureEvent,
  loaded: LoadedExperiment | null,
): Replayed | null {
  if (loaded === null) return null
  trace.replayed += 1
  const replayed = replay(loaded, event)
  if (replayed === 'as-logged') return replayed
  if (replayed === 'leak') {
    trace.leaks += 1
    keepExample(trace.examples.leak, event.unitId)
  } else {
    trace.mismatches += 1
    trace.mismatched[replayed] += 1
    keepExample(trace.examples.mismatch, event.unitId)
  }
  return replayed
}

function keepExample(examples: string[], example: string): void {
  if (examples.length < EXAMPLES && !examples.includes(example)) examples.push(example)
}

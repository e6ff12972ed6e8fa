import type { LoadedExperiment } from '@fairtrial/assignment'
import type { ExposureEvent } from '@fairtrial/protocol'
import { replay } from './replay.ts'

/** What is remembered of a unit: a record of one size, however often it is exposed. */
interface UnitTrace {
  /** The arm in which it was exposed first, by event time. */
  arm: number
  firstAt: number
  bucket: number
  /** Every arm it was met in, as soon as there is a second. */
  arms: number[] | null
}

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
  leaks: number
  /** The first few units of each kind, to start looking from. */
  readonly examples: {
    readonly leak: string[]
    readonly mismatch: string[]
    readonly unknownVariant: string[]
  }
}

const EXAMPLES = 5

export function createPhaseTrace(arms: number): PhaseTrace {
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
    leaks: 0,
    examples: { leak: [], mismatch: [], unknownVariant: [] },
  }
}

/**
 * Notes an exposure of this phase. A repeated one costs a look-up, and no hash.
 *
 * @param loaded what to replay it against; null where the definition is not at hand
 */
export function traceExposure(
  trace: PhaseTrace,
  event: ExposureEvent,
  arm: number | undefined,
  loaded: LoadedExperiment | null,
): void {
  trace.exposures += 1
  if (arm === undefined) {
    trace.unknownVariants += 1
    keepExample(trace.examples.unknownVariant, event.variant)
    return
  }
  const unit = trace.unitTraces.get(event.unitId)
  if (unit === undefined) {
    trace.unitTraces.set(event.unitId, { arm, firstAt: event.exposedAt, bucket: event.bucket, arms: null })
    countUnit(trace, arm, 1, false)
    trace.unique += 1
    traceReplay(trace, event, loaded)
    return
  }
  const isKnownArm = unit.arms?.includes(arm) ?? unit.arm === arm
  if (isKnownArm && unit.bucket === event.bucket) return moveToFirst(trace, unit, arm, event.exposedAt)
  if (!isKnownArm) {
    trace.unique += 1
    countUnit(trace, unit.arm, -1, unit.arms !== null)
    unit.arms = [...(unit.arms ?? [unit.arm]), arm]
    countUnit(trace, unit.arm, 1, true)
  }
  moveToFirst(trace, unit, arm, event.exposedAt)
  traceReplay(trace, event, loaded)
}

/** Events may come in any order: the arm met first is the one with the earliest time so far. */
function moveToFirst(trace: PhaseTrace, unit: UnitTrace, arm: number, at: number): void {
  if (at >= unit.firstAt) return
  countUnit(trace, unit.arm, -1, unit.arms !== null)
  unit.arm = arm
  unit.firstAt = at
  countUnit(trace, unit.arm, 1, unit.arms !== null)
}

function countUnit(trace: PhaseTrace, arm: number, by: 1 | -1, hasCrossed: boolean): void {
  add(trace.units, arm, by)
  if (hasCrossed) add(trace.crossed, arm, by)
}

function traceReplay(trace: PhaseTrace, event: ExposureEvent, loaded: LoadedExperiment | null): void {
  if (loaded === null) return
  trace.replayed += 1
  const replayed = replay(loaded, event)
  if (replayed === 'as-logged') return
  if (replayed === 'leak') trace.leaks += 1
  else trace.mismatches += 1
  keepExample(trace.examples[replayed], event.unitId)
}

function keepExample(examples: string[], example: string): void {
  if (examples.length < EXAMPLES && !examples.includes(example)) examples.push(example)
}

function add(counts: number[], arm: number, by: number): void {
  counts[arm] = (counts[arm] ?? 0) + by
}

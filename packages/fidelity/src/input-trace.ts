import type { Experiment, ExposureEvent } from '@fairtrial/protocol'
import { earliestOf } from './earliest.ts'
import { addTo } from './by-arm.ts'
import { sum } from './disparity.ts'
import { createInputBins, type InputBins, MISSING } from './input-bins.ts'

/** A watched input: units by what it was at their first exposure. */
export interface InputTrace {
  readonly feature: string
  readonly bins: InputBins
  /** By hour since the epoch of the first exposure, then arm, then bin; a bin without a unit may be absent. */
  readonly hours: Map<number, number[][]>
}

const HOUR_MS = 3_600_000

/** Hours that a day's window has. */
const WINDOW_HOURS = 24

export function createInputTraces({ inputs = {} }: Experiment): readonly InputTrace[] {
  return Object.entries(inputs).map(([feature, input]) => ({
    feature,
    bins: createInputBins(input),
    hours: new Map(),
  }))
}

/** The bin of an exposure in each input; null where none is watched. */
export function inputBinsOf(traces: readonly InputTrace[], { context }: ExposureEvent): number[] | null {
  if (traces.length === 0) return null
  return traces.map(({ feature, bins }) => {
    const isThere = context !== undefined && Object.hasOwn(context.features, feature)
    return bins.binOf(isThere ? context.features[feature] : undefined)
  })
}

/** Counts a unit in, or out again. */
export function countInputs(
  traces: readonly InputTrace[],
  unit: { readonly arm: number; readonly firstAt: number; readonly inputs: readonly number[] },
  by: 1 | -1,
): void {
  const hour = Math.floor(unit.firstAt / HOUR_MS)
  for (const [i, { hours }] of traces.entries()) {
    let arms = hours.get(hour)
    if (arms === undefined) hours.set(hour, (arms = []))
    addTo((arms[unit.arm] ??= []), unit.inputs[i] ?? MISSING, by)
  }
}

/** An input over a stretch of time. */
export interface InputWindow {
  readonly of: 'phase' | 'last-day'
  /** By bin, then arm. */
  readonly counts: readonly (readonly number[])[]
  /**
   * The share of the error that this window has: of one that begins s hours after the first unit 1/((s + 1)(s + 2)), which
   * adds up to 1 over all that ever begin.
   */
  readonly errorShare: number
}

/** All of the phase, and the 24 hours before a time: what drifts late does not hide behind what was. */
export function inputWindows(
  { hours, bins: { labels } }: InputTrace,
  experiment: Experiment,
  asOf: number,
): readonly InputWindow[] {
  const firstHour = earliestOf(hours.keys())
  const countsSince = (start: number): InputWindow['counts'] => {
    const kept = [...hours].filter(([hour]) => hour >= start).map(([, arms]) => arms)
    return labels.map((_, bin) =>
      experiment.variants.map((_variant, arm) => sum(kept.map((arms) => arms[arm]?.[bin] ?? 0))),
    )
  }
  const windowFrom = (of: InputWindow['of'], start: number): InputWindow => {
    const later = start - firstHour
    return { of, counts: countsSince(start), errorShare: 1 / ((later + 1) * (later + 2)) }
  }
  const dayStart = Math.floor(asOf / HOUR_MS) - WINDOW_HOURS + 1
  const whole = windowFrom('phase', firstHour)
  return dayStart > firstHour ? [whole, windowFrom('last-day', dayStart)] : [whole]
}

/** ` of the last day`; nothing of all of the phase. */
export function sayWindow(of: InputWindow['of']): string {
  return of === 'phase' ? '' : ' of the last day'
}

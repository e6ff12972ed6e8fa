import type {
  Experiment,
  MeasuredSummary,
  MeasurementEvent,
  MetricSummary,
  SealedMetric,
} from '@fairtrial/protocol'
import { emptyMoments, mergeMoments } from '@fairtrial/statistics'
import { byVariant } from './by-variant.ts'
import { mergeMeasured } from './measured-clusters.ts'
import {
  addToMinute,
  firstKept,
  forgetMinutes,
  minuteOf,
  type MinuteSums,
  minutesKept,
  risingMinutes,
} from './minute-sums.ts'
import { createReadMeasurements, noteMeasurement, type ReadMeasurements } from './read-measurements.ts'

/** What services have measured, by name and arm, as far as a trial reads it. */
export interface Measurements {
  /** By name, then arm, then accuracy. */
  readonly sums: ReadonlyMap<string, readonly Map<number, MeasuredSummary>[]>
  /** By name, then arm: the last minutes, where a hard limit looks at them. */
  readonly minutes: ReadonlyMap<string, KeptMinutes>
  readonly read: ReadMeasurements
  /** Those that end later than any time that a summary was asked for. */
  later: { readonly event: MeasurementEvent; readonly arm: number; readonly at: number }[]
  repeated: number
  foreign: number
}

/** Nothing measured yet; null of a plan that reads no measurements. */
export function createMeasurements(experiment: Experiment): Measurements | null {
  const { metrics, variants } = experiment
  const measured = Object.entries<SealedMetric>(metrics).filter(([, metric]) => isMeasured(metric))
  if (measured.length === 0) return null
  const names = [...new Set(measured.map(([, { event }]) => event))]
  const sums = new Map(names.map((name) => [name, variants.map(() => new Map<number, MeasuredSummary>())]))
  const minutes = new Map<string, KeptMinutes>()
  for (const [metric, { event }] of measured) {
    const kept = Math.max(minutesKept(experiment, metric), minutes.get(event)?.kept ?? 0)
    if (kept > 0) minutes.set(event, { kept, arms: variants.map(() => new Map()) })
  }
  return { sums, minutes, read: createReadMeasurements(), later: [], repeated: 0, foreign: 0 }
}

/** The last minutes of what was measured under one name, by arm. */
interface KeptMinutes {
  readonly kept: number
  readonly arms: readonly MinuteSums[]
}

/** Whether a metric is of measurements. */
export function isMeasured({ source }: SealedMetric): boolean {
  return source === 'measurements'
}

/**
 * Takes a measurement in, once, however often it is delivered.
 *
 * @param arm undefined of what is of another definition, phase, unit type or variant
 * @param at until when it measured, by whichever clock says less
 * @returns whether it counts
 */
export function addMeasurement(
  measurements: Measurements,
  event: MeasurementEvent,
  arm: number | undefined,
  at: number,
): boolean {
  if (arm === undefined) {
    measurements.foreign += 1
    return false
  }
  if (!measurements.sums.has(event.name)) return false
  if (!noteMeasurement(measurements.read, event)) {
    measurements.repeated += 1
    return false
  }
  measurements.later.push({ event, arm, at })
  return true
}

/** What was measured until a time, by metric and variant. What an earlier call has counted stays counted. */
export function measuredMetrics(
  experiment: Experiment,
  measurements: Measurements | null,
  asOf: number,
): { readonly [metric: string]: { readonly [variant: string]: MetricSummary } } {
  const { metrics, variants } = experiment
  if (measurements) countUntil(measurements, asOf)
  const measured = Object.entries<SealedMetric>(metrics).filter(([, metric]) => isMeasured(metric))
  return Object.fromEntries(
    measured.map(([name, { event }]) => {
      const kept = minutesKept(experiment, name)
      const arms = variants.map((_, arm) => {
        const minutes = kept > 0 && measurements?.minutes.get(event)?.arms[arm]
        return {
          ...summaryOf(measurements?.sums.get(event)?.[arm]),
          ...(minutes && { minutes: risingMinutes(minutes, firstKept(asOf, kept)) }),
        }
      })
      return [name, byVariant(variants, arms)]
    }),
  )
}

function countUntil(measurements: Measurements, asOf: number): void {
  const { sums, minutes, later } = measurements
  measurements.later = later.filter(({ at }) => at > asOf)
  for (const { event, arm, at } of later) {
    if (at > asOf) continue
    const { name, accuracy, clusters } = event
    const byAccuracy = sums.get(name)![arm]!
    byAccuracy.set(accuracy, mergeMeasured(byAccuracy.get(accuracy), { accuracy, clusters })!)
    const kept = minutes.get(name)
    if (kept) countMinute(kept.arms[arm]!, at, clusters)
  }
  for (const { kept, arms } of minutes.values())
    for (const sums of arms) forgetMinutes(sums, firstKept(asOf, kept))
}

function countMinute(minutes: MinuteSums, at: number, clusters: MeasuredSummary['clusters']): void {
  for (const { n, mean } of clusters) addToMinute(minutes, [minuteOf(at), n, n * mean, n])
}

/** An arm's measurements, the finest first, so that their order does not show. */
function summaryOf(byAccuracy: ReadonlyMap<number, MeasuredSummary> | undefined): MetricSummary {
  const finestFirst = [...(byAccuracy?.values() ?? [])].toSorted((a, b) => a.accuracy - b.accuracy)
  return measuredSummary(finestFirst.reduce<MeasuredSummary | undefined>(mergeMeasured, undefined))
}

/** One metric in one arm, from its clusters. */
function measuredSummary(measured: MeasuredSummary | undefined): MetricSummary {
  const all = (measured?.clusters ?? []).reduce(
    (sum, { n, mean, m2 }) => mergeMoments(sum, { n, mean, m2 }),
    emptyMoments,
  )
  return { closed: all, current: all, missing: 0, ...(measured && { measured }) }
}

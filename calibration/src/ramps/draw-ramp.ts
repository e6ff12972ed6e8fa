import type { RandomStream } from '@fairtrial/sequential'
import {
  accumulate,
  accumulatedMoments,
  createAccumulator,
  mergeMoments,
  type Moments,
} from '@fairtrial/statistics'
import { binomial, onesAndZeros } from '../draws.ts'
import { type Course, type GuardedMetric, MINUTES, STAGES } from './course.ts'

/** The units of one arm, and what they come to on each metric. */
interface ArmBatch {
  readonly units: number
  readonly metrics: readonly Moments[]
}

/** Control, then treatment. */
export type Batch = readonly [ArmBatch, ArmBatch]

/**
 * All units that could be enrolled: by minute, then by the stage that enrolls them first. Who judges the ramp decides
 * which of them meet the treatment, and every judge of the same ramp has the same units.
 */
export function drawRamp(course: Course, random: RandomStream): readonly (readonly Batch[])[] {
  return Array.from({ length: MINUTES }, (_, minute) =>
    STAGES.map(({ trafficPercent }, stage): Batch => {
      const share = (trafficPercent - (STAGES[stage - 1]?.trafficPercent ?? 0)) / 100
      const units = Math.round(course.unitsPerMinute * share)
      const treated = binomial(random, units, 0.5)
      return [
        armOf(course, minute, units - treated, 0, random),
        armOf(course, minute, treated, course.harm, random),
      ]
    }),
  )
}

function armOf(
  { metrics, incident }: Course,
  minute: number,
  units: number,
  harm: number,
  random: RandomStream,
): ArmBatch {
  const times = incident && minute >= incident.from && minute < incident.to ? incident.times : 1
  return {
    units,
    metrics: metrics.map((metric, i) => {
      const mean = (metric.baseline + (i === 0 ? harm * metric.margin : 0)) * times
      return momentsOf(metric, mean, units, random)
    }),
  }
}

function momentsOf({ spread }: GuardedMetric, mean: number, n: number, random: RandomStream): Moments {
  if (n === 0) return { n: 0, mean: 0, m2: 0 }
  if (spread === undefined) return onesAndZeros(binomial(random, n, mean), n)
  const sample = createAccumulator()
  const location = Math.log(mean) - spread ** 2 / 2
  for (let i = 0; i < n; i++) accumulate(sample, Math.exp(location + spread * random.normal()))
  return accumulatedMoments(sample)
}

/** Of everybody who is enrolled: what those whom each stage has added come to together. */
export function mergeBatches(batches: readonly Batch[]): Batch {
  return batches.reduce(([control, treatment], more) => [
    merged(control, more[0]),
    merged(treatment, more[1]),
  ])
}

function merged(batch: ArmBatch, more: ArmBatch): ArmBatch {
  return {
    units: batch.units + more.units,
    metrics: batch.metrics.map((moments, i) => mergeMoments(moments, more.metrics[i]!)),
  }
}

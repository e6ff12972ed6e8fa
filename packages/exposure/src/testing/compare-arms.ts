import type { Problem } from '@fairtrial/protocol/error'
import type { RecordedRun } from './verify-instrumentation.ts'

/** Exposures that one arm has and another has not, though the same units came by: they are no longer comparable. */
export function compareArms(runs: readonly RecordedRun[]): Problem[] {
  const points = runs.map(pointsOf)
  const all = new Set(points.flatMap((own) => [...own]))
  if (all.size === 0) {
    return [
      {
        path: 'expose',
        value: 0,
        message: 'Nobody was exposed.',
        remedy:
          'Call `expose(arm)` where the arm takes effect, and let units with an assigned arm come there.',
      },
    ]
  }
  return [...all].toSorted().flatMap((point) => {
    const has = (i: number) => points[i]!.has(point)
    const lacking = runs.filter((_, i) => !has(i)).map(({ arm }) => arm)
    if (lacking.length === 0) return []
    const other = runs.find((_, i) => has(i))!
    return [
      {
        path: `arm ${lacking.join(', ')}`,
        value: undefined,
        message: `has no exposure ${point}, but arm ${other.arm} has.`,
        remedy:
          'Expose in every arm at the same point of the code, under the same condition, before the arms part.',
      },
    ]
  })
}

function pointsOf({ events }: RecordedRun): ReadonlySet<string> {
  const exposures = events.filter((event) => event.schema === 'fairtrial.exposure/1')
  return new Set(
    exposures.map(({ experiment, trigger, unitId }) =>
      [experiment, ...(trigger === undefined ? [] : [`:${trigger}`]), ` of ${unitId}`].join(''),
    ),
  )
}

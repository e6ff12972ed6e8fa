import type { Bounds, Comparison, Estimate, SealedMetric } from '@fairtrial/protocol'
import { finite, isEstimate, notEstimable } from './estimate.ts'

/** What the effect on a unit comes to on all units of a day. Only what is summed over units has a total. */
export function impactPerDay(
  { effect, interval }: Pick<Comparison, 'effect' | 'interval'>,
  { type, source, whenMissing }: Pick<SealedMetric, 'type' | 'source' | 'whenMissing'>,
  unitsPerDay: number | undefined,
): Comparison['impactPerDay'] {
  if (unitsPerDay === undefined) return undefined
  const isSum = type !== 'ratio' && type !== 'quantile' && source !== 'measurements'
  if (!isSum || whenMissing === 'exclude') {
    const why = isSum
      ? 'units without a value are left out'
      : `a ${type}${source === 'measurements' ? ' of requests' : ''} is no sum over units`
    const none = notEstimable('not-applicable', `${why}, so that the effect has no total`)
    return { total: none, interval: none }
  }
  return {
    total: times(effect.absolute, (absolute) => absolute * unitsPerDay),
    interval: times(
      interval.absolute,
      ([lower, upper]): Bounds => [lower * unitsPerDay, upper * unitsPerDay],
    ),
  }
}

function times<T extends number | Bounds>(estimate: Estimate<T>, scale: (value: T) => T): Estimate<T> {
  return isEstimate(estimate) ? finite(scale(estimate)) : estimate
}

import type { MetricType } from '@fairtrial/protocol'
import type { RandomStream } from '@fairtrial/sequential'
import { accumulate, accumulatedMoments, createAccumulator, type Moments } from '@fairtrial/statistics'

/**
 * What a treatment makes of a real unit's number.
 * - `scaled`: times a factor, so that who had nothing has nothing
 * - `shifted`: where the mean is 0, and there is nothing to scale
 * - `flipped`: of zeros and ones, some turn over
 */
export type Change =
  | { readonly kind: 'scaled'; readonly factor: number }
  | { readonly kind: 'shifted'; readonly by: number }
  | { readonly kind: 'flipped'; readonly from: 0 | 1; readonly chance: number }

/** The change that moves a metric's mean by an effect. */
export function changeOf(type: MetricType, mean: number, effect: number): Change {
  if (type === 'proportion') {
    if (effect > 0) return { kind: 'flipped', from: 0, chance: effect / (1 - mean) }
    return { kind: 'flipped', from: 1, chance: effect === 0 ? 0 : -effect / mean }
  }
  if (mean === 0 || type === 'ratio') return { kind: 'shifted', by: effect }
  return { kind: 'scaled', factor: 1 + effect / mean }
}

/** So many draws from a population, with replacement: places among its units. */
export function drawPlaces(n: number, population: number, random: RandomStream): readonly number[] {
  return Array.from({ length: n }, () => Math.floor(random.uniform() * population))
}

/** The moments of the units at these places, changed or as they are. */
export function momentsAt(
  places: readonly number[],
  values: readonly (number | null)[],
  change: Change | undefined,
  random: RandomStream,
): Moments {
  const sample = createAccumulator()
  for (const place of places) {
    const value = values[place]!
    if (value !== null) accumulate(sample, change === undefined ? value : changed(value, change, random))
  }
  return accumulatedMoments(sample)
}

function changed(value: number, change: Change, random: RandomStream): number {
  if (change.kind === 'scaled') return value * change.factor
  if (change.kind === 'shifted') return value + change.by
  return value === change.from && random.uniform() < change.chance ? 1 - value : value
}

import {
  type Bounds,
  type Comparison,
  durationMs,
  type Estimate,
  type SealedMetric,
} from '@fairtrial/protocol'
import type { Duration } from '@fairtrial/protocol'
import { isNotEstimable } from '../text/numbers.ts'

/** What an effect comes to on so many units: over the whole stretch that the table tells of, and in a day of it. */
export interface ScaledEffect {
  readonly units: number
  readonly total: Estimate<number>
  readonly interval: Estimate<Bounds>
  /** Where the length of the stretch is known. */
  readonly perDay?: { readonly total: Estimate<number>; readonly interval: Estimate<Bounds> }
}

/** What has shipped, in the metric's own unit, with the interval of the comparison. */
export interface HoldoutImpact {
  readonly perUnit: ScaledEffect
  /** What it is worth when all units have it; null where nobody has said how many there are. */
  readonly allUnits: ScaledEffect | null
  /** What the holdout keeps from its own units, those of `status-quo`. */
  readonly heldBack: ScaledEffect
}

/** How many units there are, and how long the table looks at each. */
export interface HoldoutScale {
  readonly allUnits: number | null
  readonly heldBack: number
  readonly period: Duration | null
}

/** What a comparison of the two arms comes to; null of a metric whose numbers are no sum over units. */
export function holdoutImpact(
  { effect, interval }: Pick<Comparison, 'effect' | 'interval'>,
  { type, whenMissing }: Pick<SealedMetric, 'type' | 'whenMissing'>,
  { allUnits, heldBack, period }: HoldoutScale,
): HoldoutImpact | null {
  if (type === 'ratio' || type === 'quantile' || whenMissing === 'exclude') return null
  const days = period === null ? null : durationMs(period) / durationMs('1d')
  const times = (factor: number) => ({
    total: isNotEstimable(effect.absolute) ? effect.absolute : effect.absolute * factor,
    interval: isNotEstimable(interval.absolute)
      ? interval.absolute
      : ([interval.absolute[0] * factor, interval.absolute[1] * factor] as const),
  })
  const on = (units: number): ScaledEffect => ({
    units,
    ...times(units),
    ...(days !== null && { perDay: times(units / days) }),
  })
  return {
    perUnit: on(1),
    allUnits: allUnits === null ? null : on(allUnits),
    heldBack: on(heldBack),
  }
}

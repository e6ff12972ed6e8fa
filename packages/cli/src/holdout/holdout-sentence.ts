import type { Bounds, Comparison, Estimate, IntervalMethod, SealedMetric } from '@fairtrial/protocol'
import { isNotEstimable, sayBounds, sayEffect, sayLevel, sayLift } from '../text/numbers.ts'

/** What has shipped since a holdout began has done to a metric, in one sentence that never goes without its interval. */
export function saySinceHoldout(
  metric: string,
  comparison: Comparison | undefined,
  { unit, direction }: Pick<SealedMetric, 'unit' | 'direction'>,
): string {
  const subject = 'What has shipped since the holdout began'
  if (comparison === undefined) return `${metric} exists in treatment arms only, and is not compared.`
  const { effect, interval, method } = comparison
  const isRelative = isNotEstimable(interval.absolute)
  const bounds = isRelative ? interval.relative : interval.absolute
  if (isNotEstimable(bounds))
    return `${subject} may have done anything to ${metric}: ${bounds.notEstimable.detail}.`

  const ofUnit = isRelative ? '' : ` ${unit === undefined ? '' : `${unit} `}a unit`
  const say = isRelative ? sayLift : sayEffect
  const size = isRelative ? effect.relative : effect.absolute
  const told = `${say(size)}${ofUnit}${isRelative ? '' : lift(effect.relative)}`
  const within = `${sayLevel(interval.level)} interval ${sayBounds(bounds, say)}, ${HOLDS[method]}`
  const side = sideOf(bounds)
  if (side === 0) return `${subject} is not shown to have moved ${metric}: ${told}; ${within}.`
  const isBetter = side === (direction === 'increase' ? 1 : -1)
  return `${subject} has ${side === 1 ? 'raised' : 'lowered'} ${metric}, for the ${isBetter ? 'better' : 'worse'}: ${told}; ${within}.`
}

/** When an interval of that making holds. */
const HOLDS: Readonly<Record<IntervalMethod, string>> = {
  'confidence-sequence': 'however often it is looked at',
  repeated: 'at its looks',
  fixed: 'if this is the only look',
  credible: 'by its posterior',
}

function sideOf([lower, upper]: Bounds): 1 | 0 | -1 {
  if (lower > 0) return 1
  return upper < 0 ? -1 : 0
}

function lift(relative: Estimate<number>): string {
  return isNotEstimable(relative) ? '' : ` (${sayLift(relative)})`
}

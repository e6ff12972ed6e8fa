import type { Bounds, Estimate, NotEstimable } from '@fairtrial/protocol'

/** Whether a reason stands in place of a number. */
export function isNotEstimable(value: unknown): value is NotEstimable {
  return typeof value === 'object' && value !== null && 'notEstimable' in value
}

/** Four significant digits, as people read them; full precision is what `--json` is for. */
export function sayNumber(value: Estimate<number>): string {
  if (isNotEstimable(value)) return value.notEstimable.code
  if (value === 0) return '0'
  const size = Math.abs(value)
  return size >= 1e6 || size < 1e-4 ? value.toExponential(3) : String(Number(value.toPrecision(4)))
}

/** With its sign, so that a direction is seen. */
export function sayEffect(value: Estimate<number>): string {
  return isNotEstimable(value) || value < 0 ? sayNumber(value) : `+${sayNumber(value)}`
}

/** A share with its sign, in percent. */
export function sayLift(value: Estimate<number>): string {
  return isNotEstimable(value) ? sayNumber(value) : `${value < 0 ? '' : '+'}${(value * 100).toFixed(2)} %`
}

/** A confidence level: `95 %`, `98.6667 %`. */
export function sayLevel(level: number): string {
  return `${Number((level * 100).toPrecision(6))} %`
}

/** A share of 0 to 1 in percent, without a sign. */
export function sayShare(share: number): string {
  return `${Number((share * 100).toPrecision(4))} %`
}

export function sayBounds(bounds: Estimate<Bounds>, say: (end: number) => string = sayEffect): string {
  return isNotEstimable(bounds) ? bounds.notEstimable.code : `[${say(bounds[0])}, ${say(bounds[1])}]`
}

export function sayCount(value: number): string {
  return value.toLocaleString('en-US')
}

import type { EffectSize, Estimate, MetricDefinition } from '@fairtrial/protocol'

type Measured = Pick<MetricDefinition, 'type' | 'unit'> | undefined

/** A true minus, which is as wide as a plus. */
const MINUS = '−'

/** Three digits that count: `0.0412`, `1.2`, `3,480`. */
export function sayNumber(value: number): string {
  const rounded = Number(value.toPrecision(3))
  const size = Math.abs(rounded)
  if (size !== 0 && size < 1e-4) return rounded.toExponential(1).replace(/-/g, MINUS)
  const whole = Math.abs(value) >= 1000 ? Math.round(value) : rounded
  return whole.toLocaleString('en-US', { maximumSignificantDigits: 15 }).replace('-', MINUS)
}

/** A count, with separators. */
export function sayCount(value: number): string {
  return value.toLocaleString('en-US')
}

/** A share of something counted: `41.7 %`. */
export function sayShare(share: number): string {
  return `${sayNumber(100 * share)} %`
}

/** A value of a metric: `41.7 %` of a proportion, `35.8 milliseconds`. */
export function sayValue(value: number, metric: Measured): string {
  return metric?.type === 'proportion' ? sayShare(value) : withUnit(sayNumber(value), metric)
}

/** A difference of two values, with its sign: `+2.5 points` of a proportion. */
export function sayDifference(value: number, metric: Measured): string {
  if (metric?.type === 'proportion') return `${signed(100 * value)} points`
  return withUnit(signed(value), metric)
}

/** The same without its unit, for an axis that names it once. */
export function sayBareDifference(value: number, metric: Measured): string {
  return signed(metric?.type === 'proportion' ? 100 * value : value)
}

/** What a difference of this metric is counted in. */
export function unitOfDifference(metric: Measured): string {
  return metric?.type === 'proportion' ? 'points' : (metric?.unit ?? '')
}

/** A relative difference: `+3.1 %`. */
export function sayRelative(value: number): string {
  return `${signed(100 * value)} %`
}

/** `2 % of control`, `0.06 points`. */
export function saySize(size: EffectSize, metric: Measured): string {
  if ('relative' in size) return `${sayNumber(100 * size.relative)} % of control`
  return metric?.type === 'proportion'
    ? `${sayNumber(100 * size.absolute)} points`
    : withUnit(sayNumber(size.absolute), metric)
}

/** A p-value as people read it: `p = 0.031`, `p < 0.0001`. */
export function sayP(p: number): string {
  return p < 1e-4 ? 'p < 0.0001' : `p = ${sayNumber(p)}`
}

/** The number, or null where there is none. */
export function numberOf(estimate: Estimate<number> | undefined): number | null {
  return typeof estimate === 'number' ? estimate : null
}

function signed(value: number): string {
  return value > 0 ? `+${sayNumber(value)}` : sayNumber(value)
}

function withUnit(text: string, metric: Measured): string {
  return metric?.unit === undefined ? text : `${text} ${metric.unit}`
}

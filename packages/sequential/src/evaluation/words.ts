import type { MetricDefinition } from '@fairtrial/protocol'

/** What a number of a metric is a number of. */
type Measured = Pick<MetricDefinition, 'type' | 'unit'>

/** A size of a metric, or a difference of one: `2.5 points` of a proportion, `1.6 s` of milliseconds, `3 rounds`. */
export function sayAmount(value: number, { type, unit }: Measured): string {
  if (type === 'proportion') return sayPlural(100 * value, 'point')
  if (unit === 'ms' && Math.abs(value) >= 1_000) return `${round(value / 1_000)} s`
  return unit === undefined ? `${round(value)}` : `${round(value)} ${unit}`
}

/** A share of 0 to 1: `2.5 %`. */
export function sayShare(share: number): string {
  return `${round(100 * share)} %`
}

/** Where harm lies: `between 1 and 1.6 s worse than control`, `from 3 % better to 2 % worse than control`. */
export function sayHarm(least: number, most: number, say: (size: number) => string): string {
  if (least >= 0) return `between ${sayBoth(say(least), say(most))} worse than control`
  if (most <= 0) return `between ${sayBoth(say(-most), say(-least))} better than control`
  return `from ${say(-least)} better to ${say(most)} worse than control`
}

/** `1 and 2 s` rather than `1 s and 2 s`. */
function sayBoth(first: string, second: string): string {
  const [number = '', unit] = first.split(' ')
  return `${unit !== undefined && second.endsWith(` ${unit}`) ? number : first} and ${second}`
}

function sayPlural(count: number, noun: string): string {
  const shown = round(count)
  return `${shown} ${noun}${Math.abs(shown) === 1 ? '' : 's'}`
}

/** Four digits are what a sentence can carry. */
function round(value: number): number {
  return Number(value.toPrecision(4))
}

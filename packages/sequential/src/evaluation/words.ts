import type { MetricDefinition } from '@fairtrial/protocol'

/** What a number of a metric is a number of. */
type Measured = Pick<MetricDefinition, 'type' | 'unit'>

/** A size of a metric, or a difference of one: `2.5 points` of a proportion, `1.6 s` of milliseconds, `3 rounds`. */
export function sayAmount(value: number, { type, unit }: Measured): string {
  if (type === 'proportion') return sayPlural(100 * value, 'point')
  if (unit === 'ms' && Math.abs(value) >= 1_000) return `${sayNumber(value / 1_000)} s`
  return unit === undefined ? sayNumber(value) : `${sayNumber(value)} ${unit}`
}

/** A share of 0 to 1: `2.5 %`. */
export function sayShare(share: number): string {
  return `${sayNumber(100 * share)} %`
}

/** Where harm lies: `between 1 and 1.6 s worse than control`, `from 3 % better to 2 % worse than control`. */
export function sayHarm(least: number, most: number, say: (size: number) => string): string {
  if (most === Number.POSITIVE_INFINITY) {
    return least >= 0
      ? `at least ${say(least)} worse than control`
      : `from ${say(-least)} better to worse than control without limit`
  }
  if (least === Number.NEGATIVE_INFINITY) {
    return most <= 0
      ? `at least ${say(-most)} better than control`
      : `from better than control without limit to ${say(most)} worse`
  }
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
  const shown = sayNumber(count)
  return shown === '1' || shown === '-1' ? `${shown} ${noun}` : `${shown} ${noun}s`
}

/** Four digits are what a sentence can carry, without zeros that say nothing. */
function sayNumber(value: number): string {
  const digits = value.toPrecision(4)
  if (!digits.includes('.') || digits.includes('e')) return `${Number(digits)}`
  let end = digits.length
  while (digits[end - 1] === '0') end--
  return digits.slice(0, digits[end - 1] === '.' ? end - 1 : end)
}

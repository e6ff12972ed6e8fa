import type { MetricDefinition } from '@fairtrial/protocol'

/** A length of time as a person would say it: `45 s`, `12.5 min`, `3 h`, `2 days`. */
export function sayDuration(ms: number): string {
  const size = Math.abs(ms)
  if (!Number.isFinite(size)) return 'an unknown time'
  if (size < 1_000) return `${Math.round(ms)} ms`
  if (size < 60_000) return `${round(ms / 1_000)} s`
  if (size < 3_600_000) return `${round(ms / 60_000)} min`
  return size < 172_800_000 ? `${round(ms / 3_600_000)} h` : `${round(ms / 86_400_000)} days`
}

/** A value of a metric: `41.7 %` of a proportion, `1.6 s` of milliseconds, `3 rounds`. */
export function sayValue(value: number, metric: Pick<MetricDefinition, 'type' | 'unit'> | undefined): string {
  if (metric?.type === 'proportion') return `${sayNumber(100 * value)} %`
  return sayMeasured(value, metric?.unit)
}

/** A difference of two such values: `2.5 points` of a proportion. */
export function sayDifference(
  value: number,
  metric: Pick<MetricDefinition, 'type' | 'unit'> | undefined,
): string {
  if (metric?.type === 'proportion') return `${sayNumber(100 * value)} points`
  return sayMeasured(value, metric?.unit)
}

function sayMeasured(value: number, unit: string | undefined): string {
  if (unit === 'ms' && Math.abs(value) >= 1_000) return `${sayNumber(value / 1_000)} s`
  return unit === undefined ? sayNumber(value) : `${sayNumber(value)} ${unit}`
}

/** What somebody has written, as a sentence that another may follow: with its full stop, where it has no end of its own. */
export function asSentence(text: string): string {
  const trimmed = text.trim()
  return /[.!?…。！？]["'”’)\]]*$/u.test(trimmed) ? trimmed : `${trimmed}.`
}

/** `1 unit`, `2 units`. */
export function sayCount(count: number, noun: string, nouns = `${noun}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? noun : nouns}`
}

/** `a`, `a or b`, `a, b or c`. */
export function sayList(items: readonly string[], word: 'and' | 'or'): string {
  const last = items.at(-1) ?? ''
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} ${word} ${last}`
}

/** Four digits, which is what a sentence can carry; the evidence has them all. */
export function sayNumber(value: number): string {
  return String(Number(value.toPrecision(4)))
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

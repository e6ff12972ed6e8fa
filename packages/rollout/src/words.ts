/** A length of time as a person would say it: `45s`, `12.5m`, `3h`, `2d`. */
export function sayDuration(ms: number): string {
  const size = Math.abs(ms)
  if (!Number.isFinite(size)) return 'an unknown time'
  if (size < 1_000) return `${Math.round(ms)}ms`
  if (size < 60_000) return `${round(ms / 1_000)}s`
  if (size < 3_600_000) return `${round(ms / 60_000)}m`
  return size < 172_800_000 ? `${round(ms / 3_600_000)}h` : `${round(ms / 86_400_000)}d`
}

/** `1 unit`, `2 units`. */
export function sayCount(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`
}

/** Four digits, which is what a sentence can carry; the evidence has them all. */
export function sayNumber(value: number): string {
  return String(Number(value.toPrecision(4)))
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

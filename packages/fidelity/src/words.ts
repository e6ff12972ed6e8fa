/** A share of 0 to 1 in percent, with digits enough to tell it from none. */
export function sayShare(share: number): string {
  const percent = share * 100
  return `${Number(percent.toPrecision(percent > 0 && percent < 1 ? 2 : 3))} %`
}

/** A probability: never 0, which none is. */
export function sayP(p: number): string {
  return p < 1e-300 ? '< 1e-300' : String(Number(p.toPrecision(3)))
}

/** `1 unit`, `1,234 units`. */
export function sayCount(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`
}

/** `12 of 1,234 units (0.97 %)`. */
export function sayPart(some: number, all: number, noun: string): string {
  return `${some.toLocaleString('en-US')} of ${sayCount(all, noun)} (${sayShare(all === 0 ? 0 : some / all)})`
}

/** A length of time: `45 s`, `12.5 min`, `3 h`, `2 days`. */
export function sayDuration(ms: number): string {
  const size = Math.abs(ms)
  if (size < 1_000) return `${Math.round(ms)} ms`
  if (size < 60_000) return `${round(ms / 1_000)} s`
  if (size < 3_600_000) return `${round(ms / 60_000)} min`
  return size < 172_800_000 ? `${round(ms / 3_600_000)} h` : `${round(ms / 86_400_000)} days`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

/** A length of time as a person would say it: `45s`, `12.5m`, `3h`, `2d`. */
export function sayDuration(ms: number): string {
  if (!Number.isFinite(ms)) return 'an unknown time'
  const size = Math.abs(ms)
  if (size < 1_000) return `${Math.round(ms)}ms`
  const [unit, length] =
    size < 60_000
      ? ['s', 1_000]
      : size < 3_600_000
        ? ['m', 60_000]
        : size < 172_800_000
          ? ['h', 3_600_000]
          : ['d', 86_400_000]
  return `${Math.round((ms / Number(length)) * 10) / 10}${unit}`
}

/** `1 unit`, `2 units`. */
export function sayCount(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`
}

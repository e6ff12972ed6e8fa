/** A length of time as a person would say it: `45 s`, `12 min`, `3 h`, `2 days`. */
export function sayDuration(ms: number): string {
  const size = Math.abs(ms)
  if (size < 1000) return `${Math.round(ms)} ms`
  if (size < 60_000) return `${one(ms / 1000)} s`
  if (size < 3_600_000) return `${one(ms / 60_000)} min`
  return size < 172_800_000 ? `${one(ms / 3_600_000)} h` : `${one(ms / 86_400_000)} days`
}

/** How long ago, coarse enough not to flicker: `just now`, `20 s ago`, `3 min ago`. */
export function sayAgo(at: number, now: number): string {
  const ms = Math.max(0, now - at)
  if (ms < 5_000) return 'just now'
  if (ms < 60_000) return `${Math.floor(ms / 5_000) * 5} s ago`
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ago`
  if (ms < 172_800_000) return `${Math.floor(ms / 3_600_000)} h ago`
  return `${Math.floor(ms / 86_400_000)} days ago`
}

/** `12:04:09`, in the reader's own time zone. */
export function sayClock(at: number): string {
  const time = new Date(at)
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':')
}

/** `2026-11-22 12:04:09`, in the reader's own time zone. */
export function sayInstant(at: number): string {
  const time = new Date(at)
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${sayClock(at)}`
}

function one(value: number): number {
  return Math.round(value * 10) / 10
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

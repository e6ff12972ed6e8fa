/** A round step, 1, 2 or 5 times a power of ten, that gives about `count` steps over `span`. */
function roundStep(span: number, count: number): number {
  const raw = span / Math.max(1, count)
  const power = 10 ** Math.floor(Math.log10(raw))
  const factor = raw / power
  return (factor <= 1 ? 1 : factor <= 2 ? 2 : factor <= 5 ? 5 : 10) * power
}

/** Round numbers from `low` to `high`, about `count` of them. */
export function ticksBetween(low: number, high: number, count: number): number[] {
  if (!(high > low)) return [low]
  const step = roundStep(high - low, count)
  const first = Math.ceil(low / step - 1e-9)
  const last = Math.floor(high / step + 1e-9)
  // Products of whole numbers, so that no error adds up.
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => round((first + i) * step, step))
}

/** Powers of ten from `low` to `high`, every n-th where there are many. */
export function decadesBetween(low: number, high: number, count: number): number[] {
  const first = Math.ceil(Math.log10(low) - 1e-9)
  const last = Math.floor(Math.log10(high) + 1e-9)
  const every = Math.max(1, Math.ceil((last - first) / Math.max(1, count)))
  const decades: number[] = []
  for (let power = last; power >= first; power -= every) decades.unshift(Number(`1e${power}`))
  return decades
}

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const TIME_STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 30, 90, 365].map((n) => n * DAY),
]

/** Times since `from` that people count in, at most about `count` of them: whole seconds, minutes, hours, days. */
export function timeTicks(from: number, to: number, count: number): { at: number; text: string }[] {
  const span = to - from
  if (!(span > 0)) return [{ at: from, text: '0' }]
  const step = TIME_STEPS.find((candidate) => span / candidate <= count) ?? roundStep(span, count)
  const [unit, word] =
    step >= DAY ? [DAY, 'd'] : step >= HOUR ? [HOUR, 'h'] : step >= MINUTE ? [MINUTE, 'min'] : [SECOND, 's']
  return Array.from({ length: Math.floor(span / step) + 1 }, (_, i) => ({
    at: from + i * step,
    text: i === 0 ? '0' : `${(i * step) / unit} ${word}`,
  }))
}

function round(value: number, step: number): number {
  const digits = Math.max(0, 1 - Math.floor(Math.log10(step)))
  return Number(value.toFixed(Math.min(20, digits)))
}

import type { Reading } from './reading.ts'

/** Of outcomes of one name, when they count, in milliseconds from the first exposure on; covariates lie before it. */
export interface EventSpan {
  readonly fromMs: number
  /** Infinity where no window ends. */
  readonly untilMs: number
}

/** By event index, the span of all metrics that read it. */
export function eventSpansOf(readings: readonly Reading[]): readonly EventSpan[] {
  const spans: EventSpan[] = []
  const widen = (eventIndex: number, fromMs: number, untilMs: number): void => {
    const span = spans[eventIndex]
    spans[eventIndex] = {
      fromMs: Math.min(span?.fromMs ?? 0, fromMs),
      untilMs: Math.max(span?.untilMs ?? 0, untilMs),
    }
  }
  for (const { eventIndex, denominator, delayMs, windowMs } of readings) {
    widen(eventIndex, 0, delayMs + windowMs)
    if (denominator) widen(denominator.eventIndex, 0, delayMs + windowMs)
  }
  const measured = new Set(readings.flatMap((each) => [each.eventIndex, each.denominator?.eventIndex]))
  for (const { folding, beforeMs } of readings.flatMap(({ covariates }) => covariates)) {
    // An outcome that is a covariate only is never late: after the exposure nobody waits for it.
    const untilMs = measured.has(folding.eventIndex) ? 0 : Number.POSITIVE_INFINITY
    if (beforeMs !== undefined) widen(folding.eventIndex, -beforeMs, untilMs)
  }
  return spans
}

/** Where time comes from; an argument, so that a test can turn it. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number
  /** Milliseconds that only grow, from any origin. Default: `now`. */
  monotonic?(): number
}

/** Milliseconds of the machine's clock that only grows. */
export const monotonicTime = (): number => performance.now()

/** The machine's clocks. */
export const systemClock: Clock = { now: () => Date.now(), monotonic: monotonicTime }

/**
 * Epoch milliseconds that go forward as the monotonic clock does: read once from the wall clock, and never again.
 * A wall clock that is set while the loop runs neither ends a stage early nor makes a hold expire.
 */
export function steadyTime(clock: Clock): () => number {
  const { monotonic } = clock
  if (monotonic === undefined) return () => clock.now()
  const origin = clock.now() - monotonic.call(clock)
  return () => Math.round(origin + monotonic.call(clock))
}

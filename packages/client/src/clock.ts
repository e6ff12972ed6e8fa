/** Two clocks that must not be confused: one tells the time of day, the other measures. */
export interface Clock {
  /** Epoch milliseconds. May jump, so it only stamps. */
  now(): number
  /** Milliseconds from any origin. Never jumps, so every length of time is measured by it. */
  monotonic(): number
}

/** The clocks of this machine. */
export const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() }

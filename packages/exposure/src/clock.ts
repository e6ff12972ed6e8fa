/** Where time comes from; an argument, so that a test can turn it. */
export interface Clock {
  /** Epoch milliseconds: the time that is written into events. */
  now(): number
  /** Milliseconds that only grow, from any origin: what deadlines are measured by. Default: `now`. */
  monotonic?(): number
}

/** The time that deadlines are measured by. */
export function monotonic(clock: Clock): number {
  return clock.monotonic?.() ?? clock.now()
}

/** What calls back later. */
export interface Timers {
  /**
   * Calls back once, `ms` milliseconds from now; Infinity is as long as can be.
   * @param holdsProcess whether the process must stay alive for it
   */
  start(callback: () => void, ms: number, holdsProcess: boolean): unknown
  stop(timer: unknown): void
}

export const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() }

/** What setTimeout counts up to, 24.8 days: it takes any longer time for 1 ms. */
export const LONGEST_MS = 2 ** 31 - 1

export const systemTimers: Timers = {
  start: (callback, ms, holdsProcess) => {
    const timer: { unref?(): unknown } = setTimeout(callback, Math.min(ms, LONGEST_MS))
    if (!holdsProcess) timer.unref?.()
    return timer
  },
  stop: (timer) => clearTimeout(timer as Parameters<typeof clearTimeout>[0]),
}

import type { Clock, Timers } from '../clock.ts'

/** Time that stands still until it is advanced. */
export interface FakeClock extends Clock, Timers {
  /** Lets this much time pass: calls back what is due, in order, and lets promises go on in between. */
  advance(ms: number): Promise<void>
}

/** A clock and timers in one, for tests. */
export function fakeClock(startsAt = 1_767_225_600_000): FakeClock {
  let now = startsAt
  const timers = new Set<{ at: number; callback: () => void }>()
  return {
    now: () => now,
    start: (callback, ms) => {
      const timer = { at: now + ms, callback }
      timers.add(timer)
      return timer
    },
    stop: (timer) => void timers.delete(timer as never),
    advance: async (ms) => {
      const end = now + ms
      await promisesGoOn()
      for (;;) {
        const due = [...timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0]
        if (due === undefined) break
        timers.delete(due)
        now = Math.max(now, due.at)
        due.callback()
        await promisesGoOn()
      }
      now = end
    },
  }
}

/** A turn of the event loop: before it, every promise that can go on has gone on. */
function promisesGoOn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}

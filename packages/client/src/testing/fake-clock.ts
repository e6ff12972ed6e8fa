import type { Timers } from '@fairtrial/exposure'
import type { Clock } from '../clock.ts'

/** Clocks and timers that a test turns by hand. */
export interface FakeClock extends Clock, Timers {
  /** Whether a timer would hold the process does not matter here. */
  start(callback: () => void, ms: number, holdsProcess?: boolean): unknown
  /** Lets time pass: runs the timers that come due, in order, and lets what they started settle. */
  advance(ms: number): Promise<void>
  /** Sets the wall clock, as an operator or a time server does. The monotonic clock does not notice. */
  jump(ms: number): void
}

/**
 * A clock that stands still until it is turned.
 *
 * @param now epoch milliseconds at the start
 */
export function fakeClock(now = Date.UTC(2026, 0, 1)): FakeClock {
  let wall = now
  let measured = 0
  let made = 0
  const timers = new Map<number, { readonly at: number; readonly callback: () => void }>()

  async function runUntil(end: number): Promise<void> {
    for (;;) {
      await settle()
      const [id, next] = [...timers].toSorted(([, a], [, b]) => a.at - b.at)[0] ?? []
      if (id === undefined || next === undefined || next.at > end) break
      wall += next.at - measured
      measured = next.at
      timers.delete(id)
      next.callback()
    }
    wall += end - measured
    measured = end
  }

  return {
    now: () => wall,
    monotonic: () => measured,
    advance: (ms) => runUntil(measured + ms),
    jump(ms) {
      wall += ms
    },
    start(callback, ms) {
      made += 1
      timers.set(made, { at: measured + ms, callback })
      return made
    },
    stop: (timer) => void timers.delete(timer as number),
  }
}

/** Promises that hang on nothing but each other are done after a few turns. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve()
}

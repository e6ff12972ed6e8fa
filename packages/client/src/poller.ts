import type { Timers } from '@fairtrial/exposure'
import type { Clock } from './clock.ts'
import type { Inquiry, Reading, StateSource } from './source.ts'

interface PollerParts {
  readonly source: StateSource
  readonly clock: Clock
  readonly timers: Timers
  readonly random: () => number
  readonly inquiry: () => Inquiry
  readonly take: (reading: Reading, askedAt: number) => void
  readonly failed: (error: unknown) => void
}

/** Asks the source again and again, one inquiry at a time. */
export class Poller {
  polls = 0
  failures = 0
  /** Failures since the last answer. */
  failing = 0
  readonly #parts: PollerParts
  #timer: unknown
  #underWay: Promise<void> | null = null
  #again = false
  #stopped = false

  constructor(parts: PollerParts) {
    this.#parts = parts
  }

  start(): void {
    this.#parts.source.watch?.(() => void this.poll())
    void this.poll()
  }

  stop(): void {
    this.#stopped = true
    this.#parts.timers.stop(this.#timer)
  }

  /**
   * Asks now, or once more when the inquiry under way has ended. A source that answers at once is read within
   * this call; the promise never rejects.
   */
  poll(): Promise<void> {
    if (this.#underWay !== null) {
      this.#again = true
      return this.#underWay
    }
    if (this.#stopped) return Promise.resolve()
    const { source, clock, timers, inquiry, take } = this.#parts
    timers.stop(this.#timer)
    this.polls += 1
    const askedAt = clock.monotonic()
    try {
      const answer = source.read(inquiry())
      if (!('then' in answer)) return this.#settle(() => take(answer, askedAt))
      this.#underWay = answer.then(
        (reading) => this.#settle(() => take(reading, askedAt)),
        (error: unknown) => this.#settle(() => fail(error)),
      )
      return this.#underWay
    } catch (error) {
      return this.#settle(() => fail(error))
    }
  }

  #settle(take: () => void): Promise<void> {
    this.#underWay = null
    if (this.#stopped) return Promise.resolve()
    try {
      take()
      this.failing = 0
    } catch (error) {
      this.failing += 1
      this.failures += 1
      this.#parts.failed(error)
    }
    if (this.#again) {
      this.#again = false
      return this.poll()
    }
    const wait = this.#wait()
    if (wait < Infinity) this.#timer = this.#parts.timers.start(() => void this.poll(), wait, false)
    return Promise.resolve()
  }

  /**
   * After a failure, exponential backoff with full jitter, so that a control plane that comes back is not met by
   * all its clients at once (Brooker, "Exponential backoff and jitter", AWS 2015).
   */
  #wait(): number {
    const { pollMs, maximumBackoffMs = 15_000 } = this.#parts.source
    if (this.failing === 0) return pollMs
    return this.#parts.random() * Math.min(maximumBackoffMs, Math.min(pollMs, 1_000) * 2 ** this.failing)
  }
}

function fail(error: unknown): never {
  throw error
}

import type { Timers } from '@fairtrial/exposure'
import type { RolloutState } from '@fairtrial/protocol'
import type { Clock } from './clock.ts'
import { Holding } from './holding.ts'
import { Poller } from './poller.ts'
import type { Reading, StateSource } from './source.ts'

interface StateWatchParts {
  readonly source: StateSource
  readonly instanceId: string
  readonly clock: Clock
  readonly timers: Timers
  readonly random: () => number
  /** Puts the states of a new snapshot in force. */
  readonly apply: (states: readonly RolloutState[]) => void
  readonly failed: (error: unknown) => void
}

/** Keeps a client's state fresh: asks, holds, remembers, and knows whether the lease is running. */
export class StateWatch {
  readonly holding: Holding
  readonly poller: Poller
  /** When the source last answered, by the monotonic clock; null before. */
  heardAt: number | null = null
  readonly #parts: StateWatchParts
  readonly #abort = new AbortController()
  readonly #waiting = new Set<(isReady: boolean) => void>()
  #remembered = { revision: -1, until: 0 }
  #remembering = Promise.resolve()

  constructor(parts: StateWatchParts) {
    const { source, instanceId, clock, timers, random, failed } = parts
    this.#parts = parts
    this.holding = new Holding(clock)
    this.poller = new Poller({
      source,
      clock,
      timers,
      random,
      failed,
      inquiry: () => ({ tag: this.holding.tag, instanceId, signal: this.#abort.signal }),
      take: (reading, askedAt) => {
        this.#take(reading, askedAt)
        this.heardAt = askedAt
        this.#remember()
      },
    })
  }

  /** With a source that answers at once and no memory, the first snapshot is in force when this returns. */
  start(): void {
    const { source, failed } = this.#parts
    if (source.lastGood === undefined) return this.poller.start()
    void source.lastGood
      .recall()
      .then((snapshot) => {
        if (snapshot !== null) this.#take({ snapshot, sameClock: true }, this.#parts.clock.monotonic())
      })
      .catch(failed)
      .then(() => this.poller.start())
  }

  /** Resolves when what is to be remembered over a restart has been written. */
  stop(): Promise<void> {
    this.#abort.abort()
    this.poller.stop()
    this.#release(false)
    return this.#remembering
  }

  get isReady(): boolean {
    return this.holding.snapshot !== null && this.#parts.clock.monotonic() < this.holding.leaseEndsAt
  }

  /** Whether the state is ready, at the latest after `deadlineMs`. The wait keeps the process alive. */
  ready(deadlineMs: number): Promise<boolean> {
    const isClosed = this.#abort.signal.aborted
    if (isClosed || this.isReady) return Promise.resolve(!isClosed)
    const { timers } = this.#parts
    return new Promise((resolve) => {
      const settle = (isReady: boolean) => {
        timers.stop(timer)
        this.#waiting.delete(settle)
        resolve(isReady)
      }
      const timer = timers.start(() => settle(false), deadlineMs, true)
      this.#waiting.add(settle)
    })
  }

  #take(reading: Reading, askedAt: number): void {
    if (this.holding.take(reading, askedAt)) this.#parts.apply(this.holding.snapshot?.states ?? [])
    if (this.isReady) this.#release(true)
  }

  #release(isReady: boolean): void {
    for (const settle of this.#waiting) settle(isReady)
  }

  /** A new revision at once; a mere renewal only when half of the lease that was remembered is gone. */
  #remember(): void {
    const { holding } = this
    const { source, clock, failed } = this.#parts
    const snapshot = holding.toRemember()
    if (source.lastGood === undefined || snapshot === null) return
    const now = clock.monotonic()
    const { revision, until } = this.#remembered
    if (snapshot.revision === revision && until - now > (holding.leaseEndsAt - now) / 2) return
    this.#remembered = { revision: snapshot.revision, until: holding.leaseEndsAt }
    const memory = source.lastGood
    this.#remembering = this.#remembering.then(() => memory.keep(snapshot)).catch(failed)
  }
}

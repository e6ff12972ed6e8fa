import { ExperimentError } from '@fairtrial/protocol/error'
import { type Clock, monotonic, type Timers } from './clock.ts'
import type { DeliveryResult, EventBatch, Rejection, Sink } from './sink.ts'

/** How long a failed delivery is tried again: after waits that are drawn at random below a growing end (full jitter). */
export interface RetryPolicy {
  /** Upper end of the first wait, in milliseconds; doubles with each attempt. Default 100. */
  readonly baseMs: number
  /** Upper end of any wait. Default 10,000. */
  readonly capMs: number
  /** From a batch's first attempt to when it is given up. Default 30,000. */
  readonly deadlineMs: number
}

export interface DeliveryPorts {
  readonly sink: Sink
  readonly clock: Clock
  readonly timers: Timers
  readonly random: () => number
  readonly retry: RetryPolicy
  readonly onRetry: () => void
}

/** Brings batches to the sink, one at a time, each until it is taken or its deadline has come. */
export class Delivery {
  readonly #ports: DeliveryPorts
  #stopped = false
  #wake: (() => void) | undefined
  /** What the sink said when it last failed. */
  lastFailure: unknown

  constructor(ports: DeliveryPorts) {
    this.#ports = ports
  }

  /** Ends the wait before the next attempt, if there is one. */
  hurry(): void {
    this.#wake?.()
  }

  /** Makes every `send`, also the one under way, come back undelivered. */
  stop(): void {
    this.#stopped = true
    this.#wake?.()
  }

  /** Undefined when the batch was given up. */
  async send(batch: EventBatch): Promise<DeliveryResult | undefined> {
    const { sink, clock, random, retry, onRetry } = this.#ports
    const deadline = monotonic(clock) + retry.deadlineMs
    for (let attempt = 0; !this.#stopped; attempt++) {
      const result = await this.#within(deadline - monotonic(clock), deliverOnce(sink, batch))
      if (result !== undefined || this.#stopped) return result
      // Full jitter (Brooker 2015): instances that failed together do not come back together.
      const wait = random() * Math.min(retry.capMs, retry.baseMs * 2 ** attempt)
      if (monotonic(clock) + wait >= deadline) return undefined
      await this.#within(wait)
      if (!this.#stopped) onRetry()
    }
    return undefined
  }

  get isStopped(): boolean {
    return this.#stopped
  }

  /** What `work` comes to, or undefined once the time is over or somebody wakes us. A late result is ignored. */
  #within<T>(ms: number, work?: Promise<T>): Promise<T | undefined> {
    const { timers } = this.#ports
    return new Promise((resolve) => {
      const wake = () => (work === undefined || this.#stopped) && end()
      const end = (value?: T) => {
        timers.stop(timer)
        // A result that comes late must not take the waking from the wait that is on by then.
        if (this.#wake === wake) this.#wake = undefined
        resolve(value)
      }
      const timer = timers.start(() => end(), Math.max(0, ms), false)
      this.#wake = wake
      work?.then(end, (cause) => {
        this.lastFailure = cause
        end()
      })
    })
  }
}

/** A sink that throws fails like one that rejects. */
async function deliverOnce(sink: Sink, batch: EventBatch): Promise<DeliveryResult> {
  const result = await sink.deliver(batch)
  if (Array.isArray(result?.rejected) && areLines(result.rejected, batch.count)) return result
  throw new ExperimentError(
    'invalid-argument',
    'The sink resolved `deliver` without a list `rejected` of lines of its batch, so nobody knows what it stored.',
    'Let it resolve to `{ rejected: [] }` where all lines were stored, and name each refused line once.',
  )
}

/** Whether each names another line of the batch. */
function areLines(rejected: readonly (Rejection | null)[], count: number): boolean {
  const lines = new Set(rejected.map((rejection) => rejection?.line))
  if (lines.size < rejected.length) return false
  return [...lines].every((line = 0) => Number.isInteger(line) && line >= 1 && line <= count)
}

import { ExperimentError } from '@fairtrial/protocol/error'
import { type Clock, monotonic, type Timers } from './clock.ts'
import { halvesOf } from './event-batch.ts'
import type { DeliveryResult, EventBatch, Rejection, Sink } from './sink.ts'

/** How long a failed delivery is tried again: after waits that are drawn at random below a growing end (full jitter). */
export interface RetryPolicy {
  /** Upper end of the first wait, in milliseconds; doubles with each attempt. Default 100. */
  readonly baseMs: number
  /** Upper end of any wait. Default 10,000. */
  readonly capMs: number
  /**
   * From a batch's first attempt to when it is given up; of a batch in a spool, which is never given up, how long one
   * attempt may take. Default 30,000.
   */
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

/** What became of the lines of a batch, each from 1; of those not named: they are stored. */
export interface Sent {
  readonly rejected: readonly Rejection[]
  readonly givenUp: readonly number[]
}

/** That the sink fails now, since when by the monotonic clock, and what it said last. */
export interface SinkFailure {
  readonly since: number
  readonly cause: unknown
  readonly isMisconfigured: boolean
}

/** Brings batches to the sink, one at a time, each until it is taken or its deadline has come. */
export class Delivery {
  readonly #ports: DeliveryPorts
  #stopped = false
  #wake: (() => void) | undefined
  #failure: SinkFailure | undefined
  #lastFailure: unknown

  constructor(ports: DeliveryPorts) {
    this.#ports = ports
  }

  /** Undefined from when the sink has taken a batch to when it fails again. */
  get failure(): SinkFailure | undefined {
    return this.#failure
  }

  /** What the sink said when it last failed. */
  get lastFailure(): unknown {
    return this.#lastFailure
  }

  get isStopped(): boolean {
    return this.#stopped
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

  /** What comes after the batch under way. */
  prepare(batch: EventBatch | undefined): void {
    if (batch !== undefined) this.#ports.sink.prepare?.(batch)
  }

  /** @param isKept the batch is safe where it is: it is tried until it is taken, or until we are stopped */
  async send(batch: EventBatch, isKept: boolean): Promise<Sent> {
    const answer = await this.#try(batch, isKept)
    if (answer === undefined) return { rejected: [], givenUp: batch.kinds.map((_, index) => index + 1) }
    if (answer !== 'too-large') return { rejected: answer.rejected, givenUp: [] }
    if (batch.count === 1) {
      return { rejected: [{ line: 1, code: 'too-large', detail: messageOf(this.#lastFailure) }], givenUp: [] }
    }
    const [left, right] = halvesOf(batch)
    const first = await this.send(left, isKept)
    const second = await this.send(right, isKept)
    return {
      rejected: [
        ...first.rejected,
        ...second.rejected.map((rejection) => ({ ...rejection, line: rejection.line + left.count })),
      ],
      givenUp: [...first.givenUp, ...second.givenUp.map((line) => line + left.count)],
    }
  }

  /** Undefined when the batch was given up. */
  async #try(batch: EventBatch, isKept: boolean): Promise<DeliveryResult | 'too-large' | undefined> {
    const { sink, clock, retry, onRetry } = this.#ports
    const deadline = monotonic(clock) + retry.deadlineMs
    for (let attempt = 0; !this.#stopped; attempt++) {
      const time = isKept ? retry.deadlineMs : deadline - monotonic(clock)
      const answer = await this.#within(time, answerOf(sink, batch))
      if (answer !== undefined && 'rejected' in answer) {
        this.#failure = undefined
        return answer
      }
      if (this.#stopped) return undefined
      const code = this.#note(answer === undefined ? noAnswerIn(time) : answer.cause)
      if (code === 'too-large') return code
      const wait = this.#wait(attempt, code === 'misconfigured')
      if (!isKept && monotonic(clock) + wait >= deadline) return undefined
      await this.#within(wait)
      if (!this.#stopped) onRetry()
    }
    return undefined
  }

  #note(cause: unknown): unknown {
    const code = cause instanceof ExperimentError ? cause.code : undefined
    this.#lastFailure = cause
    if (code === 'too-large') return code
    const since = this.#failure?.since ?? monotonic(this.#ports.clock)
    this.#failure = { since, cause, isMisconfigured: code === 'misconfigured' }
    return code
  }

  /** Full jitter (Brooker 2015): instances that failed together do not come back together. */
  #wait(attempt: number, isSlow: boolean): number {
    const { random, retry } = this.#ports
    if (isSlow) return (0.5 + random() / 2) * retry.capMs
    return random() * Math.min(retry.capMs, retry.baseMs * 2 ** attempt)
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
      void work?.then(end)
    })
  }
}

/** A sink that throws fails like one that rejects. */
async function answerOf(
  sink: Sink,
  batch: EventBatch,
): Promise<DeliveryResult | { readonly cause: unknown }> {
  try {
    const result = await sink.deliver(batch)
    if (Array.isArray(result?.rejected) && areLines(result.rejected, batch.count)) return result
    throw new ExperimentError(
      'invalid-argument',
      'The sink resolved `deliver` without a list `rejected` of lines of its batch, so nobody knows what it stored.',
      'Let it resolve to `{ rejected: [] }` where all lines were stored, and name each refused line once.',
    )
  } catch (cause) {
    return { cause }
  }
}

/** Whether each names another line of the batch. */
function areLines(rejected: readonly (Rejection | null)[], count: number): boolean {
  const lines = new Set(rejected.map((rejection) => rejection?.line))
  if (lines.size < rejected.length) return false
  return [...lines].every((line = 0) => Number.isInteger(line) && line >= 1 && line <= count)
}

function noAnswerIn(ms: number): ExperimentError {
  return new ExperimentError(
    'unreachable',
    `The sink gave no answer within ${Math.round(ms)} ms.`,
    'Look what it waits for; the batch may have arrived all the same.',
  )
}

/** What an error says, whatever was thrown. */
export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

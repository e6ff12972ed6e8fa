import type { Slate } from '@fairtrial/protocol'
import { ExperimentError } from '@fairtrial/protocol/error'
import { type Account, type DropReason, Ledger } from './account.ts'
import { type Clock, monotonic, systemClock, systemTimers, type Timers } from './clock.ts'
import { Delivery, type RetryPolicy } from './delivery.ts'
import { type DropWarning, dropWarnings } from './drop-warning.ts'
import { type Arm, ExposureLines } from './exposure-lines.ts'
import { limitsOf } from './limits.ts'
import { type Outcome, producerFields, writeOutcome } from './outcome-line.ts'
import { Outbox } from './outbox.ts'
import { type BatchLimits, type PendingBatch, Queue, type QueueLimits } from './queue.ts'
import { SDK } from './sdk.ts'
import { SeenUnits } from './seen-units.ts'
import type { DeliveryResult, EventKind, Sink } from './sink.ts'

/** What a recorder needs: a sink. All else has its default. */
export interface RecorderOptions {
  readonly sink: Sink
  /** Names this recorder in this process run; never used again by another. Default: made of time and chance. */
  readonly producerId?: string
  /** Name and version of the library that records. Default: this one's. */
  readonly sdk?: string
  readonly clock?: Clock
  readonly timers?: Timers
  /** Uniform in [0, 1). Default: Math.random. */
  readonly random?: () => number
  readonly queue?: Partial<QueueLimits>
  readonly batch?: Partial<BatchLimits>
  /** How many exposed units are remembered at most. Default 100,000. */
  readonly dedupe?: { readonly capacity?: number }
  readonly retry?: Partial<RetryPolicy>
  /** Called at the first loss, then at most once a minute with all that were lost since. */
  readonly onDrop?: (warning: DropWarning) => void
}

/** What became of a call. Of all but `queued`, nothing goes to the log. */
export type Recorded = 'queued' | 'deduplicated' | 'dropped' | 'not-assigned' | 'closed'

/** What may be told of one exposure beyond its arm. */
export interface ExposeOptions {
  /** Epoch milliseconds. Default: now. */
  readonly exposedAt?: number
  /** What was shown. */
  readonly slate?: Slate
}

/** Takes events on the hot path, brings them to a sink behind it, and accounts for every one. */
export interface Recorder {
  readonly producerId: string
  /** Records that a unit really met its arm: call it where the arm is used. Never throws, does no I/O. */
  expose(arm: Arm, options?: ExposeOptions): Recorded
  /** Records what happened to a unit, whatever its arm. Never throws, does no I/O. */
  track(outcome: Outcome): Recorded
  /** The account at this instant. */
  account(): Account
  /** Waits until all that is pending now is delivered or dropped, at most `deadlineMs` (default 5,000). */
  flush(deadlineMs?: number): Promise<Account>
  /**
   * Takes no more events, delivers what is pending within `deadlineMs` (default 5,000), drops the rest as
   * `shutdown`, closes the sink. The account is final, but for calls that come too late. Rejects where the
   * sink cannot be closed.
   */
  close(deadlineMs?: number): Promise<Account>
}

/**
 * Makes a recorder; see `Recorder`.
 *
 * @throws ExperimentError `invalid-argument` for a sink that is none, or a limit that is no number of 0 or more
 */
export function createRecorder(options: RecorderOptions): Recorder {
  const { sink, clock = systemClock, timers = systemTimers, random = Math.random, sdk = SDK } = options
  refuseNoSink(sink)
  const batch = limitsOf('batch', options.batch, { maximumEvents: 500, maximumBytes: 512_000, lingerMs: 200 })
  const retry = limitsOf('retry', options.retry, { baseMs: 100, capMs: 10_000, deadlineMs: 30_000 })
  const room = limitsOf('queue', options.queue, { maximumEvents: 10_000, maximumBytes: 16_000_000 })
  const dedupe = limitsOf('dedupe', options.dedupe, { capacity: 100_000 })
  const producerId = options.producerId ?? `${clock.now().toString(36)}-${random().toString(36).slice(2, 12)}`
  const producer = producerFields(producerId, sdk)
  const exposureLines = new ExposureLines(producer)
  const seen = new SeenUnits(dedupe.capacity)
  const ledger = new Ledger()
  const warn = dropWarnings(options.onDrop, clock)

  const queue = new Queue(room, batch)
  const delivery = new Delivery({ sink, clock, timers, random, retry, onRetry: () => ledger.retries++ })
  const outbox = new Outbox({ queue, delivery, timers, lingerMs: batch.lingerMs, onSettled: settle })

  let sequence = 0
  let closing: Promise<Account> | undefined

  function expose(arm: Arm, options?: ExposeOptions): Recorded {
    let unitId: string | null = null
    let scope: string | undefined
    let line: Uint8Array | undefined
    try {
      if (arm.variant === null || arm.reason !== 'assigned') {
        ledger.notAssigned++
        return 'not-assigned'
      }
      unitId = arm.unitId
      scope = exposureLines.scope(arm)
      if (closing === undefined && scope !== undefined && unitId !== null && seen.has(scope, unitId)) {
        ledger.exposure.offered++
        ledger.exposure.deduplicated++
        return 'deduplicated'
      }
      line = exposureLines.write(arm, options?.exposedAt ?? clock.now(), sequence + 1, options?.slate)
    } catch {
      // Cycles in a slate, or no arm at all: counted below as an event that cannot be written.
    }
    return enqueue('exposure', line, unitId, scope)
  }

  function track(outcome: Outcome): Recorded {
    let unitId: string | null = null
    let line: Uint8Array | undefined
    try {
      unitId = outcome.unitId
      const { outcomeId = `${producerId}:${sequence + 1}`, occurredAt = clock.now() } = outcome
      line = writeOutcome({ ...outcome, outcomeId, occurredAt }, producer, sequence + 1)
    } catch {
      // As above: properties that are not JSON, or no outcome at all.
    }
    return enqueue('outcome', line, unitId)
  }

  function enqueue(
    kind: EventKind,
    line: Uint8Array | undefined,
    unitId: string | null,
    scope?: string,
  ): Recorded {
    ledger[kind].offered++
    if (closing !== undefined) return refuse(kind, 'closed')
    if (line === undefined || unitId === null) return refuse(kind, 'invalid')
    // An event that is refused from here on has had its number: the gap tells readers that it is missing.
    sequence++
    if (line.length > batch.maximumBytes) return refuse(kind, 'too-large')
    if (!queue.hasRoom(kind, line.length)) return refuse(kind, 'queue-full')
    ledger.queue(kind)
    outbox.push(kind, line, unitId, scope ?? null)
    if (scope !== undefined) seen.add(scope, unitId)
    return 'queued'
  }

  function refuse(kind: EventKind, reason: DropReason): Recorded {
    ledger[kind].dropped[reason]++
    warn(reason, 1, undefined)
    return reason === 'closed' ? 'closed' : 'dropped'
  }

  function settle(batch: PendingBatch, result: DeliveryResult | undefined): void {
    const rejected = new Set(result?.rejected.map(({ line }) => line))
    const reason = result !== undefined ? 'rejected' : delivery.isStopped ? 'shutdown' : 'deadline'
    let lost = 0
    for (let index = 0; index < batch.count; index++) {
      const kind = batch.kinds[index]!
      if (result !== undefined && !rejected.has(index + 1)) {
        ledger.deliver(kind)
        continue
      }
      lost++
      ledger.lose(kind, reason)
      // A unit whose exposure was lost has not been seen: the next time it meets its arm counts.
      const scope = batch.scopes[index]
      if (typeof scope === 'string') seen.forget(scope, batch.unitIds[index]!)
    }
    if (lost > 0) warn(reason, lost, result?.rejected[0] ?? delivery.lastFailure)
  }

  async function shutDown(deadlineMs: number): Promise<Account> {
    const until = monotonic(clock) + deadlineMs
    delivery.hurry()
    await outbox.flush(deadlineMs)
    delivery.stop()
    await outbox.flush(deadlineMs)
    await endWithin(sink.close(), until - monotonic(clock), timers)
    return ledger.account()
  }

  return {
    producerId,
    expose,
    track,
    account: () => ledger.account(),
    flush: async (deadlineMs = 5_000) => {
      await outbox.flush(deadlineMs)
      return ledger.account()
    },
    close: (deadlineMs = 5_000) => (closing ??= shutDown(deadlineMs)),
  }
}

function refuseNoSink(sink: Partial<Sink> | undefined): void {
  if (typeof sink?.deliver === 'function' && typeof sink.close === 'function') return
  throw new ExperimentError(
    'invalid-argument',
    'The recorder has no sink: `sink` lacks the functions deliver and close.',
    'Give segmentSink(…), httpSink(…), memorySink() or a sink of your own.',
  )
}

function endWithin(work: Promise<void>, ms: number, timers: Timers): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = timers.start(resolve, Math.max(0, ms), true)
    work.then(resolve, reject).finally(() => timers.stop(timer))
  })
}

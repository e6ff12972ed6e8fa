import { ExperimentError } from '@fairtrial/protocol/error'
import { type Account, addAccounts, addBeside, type DropReason, Ledger } from './account.ts'
import { ArmCounts } from './arm-counts.ts'
import { Backlog } from './backlog.ts'
import { bookkeeper, carry } from './bookkeeper.ts'
import { monotonic, systemClock, systemTimers, type Timers } from './clock.ts'
import { Delivery } from './delivery.ts'
import { dropWarnings } from './drop-warning.ts'
import { ExposureDetails, type ExposeOptions } from './exposure-details.ts'
import { type Arm, type ExposureHead, ExposureLines } from './exposure-lines.ts'
import { healthOf } from './health.ts'
import { lacksConsent } from './consent.ts'
import { limitsOf } from './limits.ts'
import { type Measurement, writeMeasurement } from './measurement-line.ts'
import { type Outcome, producerFields, writeOutcome } from './outcome-line.ts'
import { Outbox } from './outbox.ts'
import { ProducerReports, writeReport } from './producer-reports.ts'
import { Queue } from './queue.ts'
import { CLOSED, DeduplicatedReceipt, DROPPED, NO_CONSENT, NOT_ASSIGNED, type Receipt } from './receipt.ts'
import type { Recorder, RecorderOptions } from './recorder-doors.ts'
import { refuseNoFunction, refuseNoSink, refuseNoText } from './refusals.ts'
import { SDK } from './sdk.ts'
import { SeenUnits } from './seen-units.ts'
import type { EventKind } from './sink.ts'
import type { BesideSpool, Spool } from './spool.ts'

/** What is in memory gets into the spool, and the spool is let go of for the next process, however short the deadline. */
const LETTING_GO_MS = 1_000

/**
 * Makes a recorder; see `Recorder`.
 *
 * @throws ExperimentError `invalid-argument` for a sink or a spool that is none, a producer without a name, or a limit
 * that means nothing
 */
export function createRecorder(options: RecorderOptions): Recorder {
  const { sink, clock = systemClock, timers = systemTimers, random = Math.random, sdk = SDK } = options
  refuseNoSink('The recorder', sink)
  refuseNoSpool(options.spool)
  refuseNoProducer(options.producerId)
  refuseNoText('sdk', sdk, 'Give the name and version of the library that records, or leave it out.')
  refuseNoFunction('onDrop', options.onDrop)
  const batch = limitsOf(
    'batch',
    options.batch,
    { maximumEvents: 500, maximumBytes: 512_000, lingerMs: 200 },
    ['maximumEvents', 'maximumBytes'],
  )
  const retry = limitsOf('retry', options.retry, { baseMs: 100, capMs: 10_000, deadlineMs: 30_000 })
  const room = limitsOf('queue', options.queue, { maximumEvents: 10_000, maximumBytes: 16_000_000 })
  const dedupe = limitsOf('dedupe', options.dedupe, { capacity: 100_000 })
  const producerId = options.producerId ?? `${clock.now().toString(36)}-${random().toString(36).slice(2, 12)}`
  const producer = producerFields(producerId, sdk)
  const armCounts = new ArmCounts()
  const exposureLines = new ExposureLines(producer, armCounts)
  const seen = new SeenUnits(dedupe.capacity)
  const ledger = new Ledger()
  /** What earlier processes left in the spool has an account of its own: a report tells of this producer only. */
  const earlier = new Ledger()
  const details = new ExposureDetails(options, ledger.leftOut)
  const warn = dropWarnings(options.onDrop, clock)

  const queue = new Queue(room, batch)
  const delivery = new Delivery({ sink, clock, timers, random, retry, onRetry: () => ledger.retries++ })
  const reports = new ProducerReports({
    timers,
    everyMs:
      options.report === false
        ? undefined
        : limitsOf('report', options.report, { everyMs: 60_000 }, ['everyMs']).everyMs,
    arms: armCounts,
    account: () => ledger.account(),
    send: (report) => {
      ledger.summary.offered++
      submit('summary', writeReport(report, producer, sequence + 1, clock.now()), producerId)
    },
  })
  const backlog = options.spool && backlogOn(options.spool)
  const books = bookkeeper({ ledger, earlier, delivery, warn, isEarlier, onLost: forget })
  const outbox = new Outbox({ queue, delivery, timers, lingerMs: batch.lingerMs, backlog, books })

  let sequence = 0
  let closing: Promise<Account> | undefined
  goOn()

  function expose(arm: Arm, options?: ExposeOptions): Receipt {
    let unitId: string | null = null
    let head: ExposureHead | undefined
    let line: Uint8Array | undefined
    try {
      if (arm.reason === 'no-consent' || lacksConsent(options)) return withhold('exposure')
      if (arm.variant === null || (arm.reason !== 'assigned' && arm.reason !== 'overridden')) {
        ledger.notAssigned++
        return NOT_ASSIGNED
      }
      unitId = arm.unitId
      head = exposureLines.head(arm, options?.trigger)
      if (closing === undefined && head !== undefined && unitId !== null && seen.has(head.scope, unitId)) {
        ledger.exposure.offered++
        ledger.exposure.deduplicated++
        head.count.offered++
        head.count.deduplicated++
        reports.wake()
        return new DeduplicatedReceipt(outbox)
      }
      if (head !== undefined && unitId !== null) {
        const exposedAt = options?.exposedAt ?? clock.now()
        line = head.write(arm, exposedAt, sequence + 1, details.write(options, head, unitId))
      }
    } catch {
      // No arm at all, or options that throw: counted below as an event that cannot be written.
    }
    const numbered = sequence
    const receipt = enqueue('exposure', line, unitId, head?.scope)
    if (head !== undefined) {
      head.count.offered++
      if (sequence > numbered) head.count.numbered++
      if (receipt.recorded !== 'queued') head.count.dropped++
    }
    return receipt
  }

  function track(outcome: Outcome): Receipt {
    let unitId: string | null = null
    let line: Uint8Array | undefined
    if (lacksConsent(outcome)) return withhold('outcome')
    try {
      unitId = outcome.unitId
      const { outcomeId = `${producerId}:${sequence + 1}`, occurredAt = clock.now() } = outcome
      const told = { ...outcome, outcomeId, occurredAt }
      line = writeOutcome(told, producer, sequence + 1, details.traceMember())
    } catch {
      // As above: properties that are not JSON, or no outcome at all.
    }
    return enqueue('outcome', line, unitId)
  }

  function measure(measurement: Measurement): Receipt {
    let line: Uint8Array | undefined
    try {
      line = writeMeasurement(measurement, producer, sequence + 1)
    } catch {
      // As above.
    }
    return enqueue('summary', line, producerId)
  }

  function enqueue(
    kind: EventKind,
    line: Uint8Array | undefined,
    unitId: string | null,
    scope?: string,
  ): Receipt {
    ledger[kind].offered++
    if (closing !== undefined) return refuse(kind, 'closed')
    reports.wake()
    if (line === undefined || unitId === null) return refuse(kind, 'invalid')
    return submit(kind, line, unitId, scope)
  }

  function submit(kind: EventKind, line: Uint8Array, unitId: string, scope?: string): Receipt {
    // An event that is refused from here on has had its number: the gap tells readers that it is missing.
    sequence++
    if (line.length > batch.maximumBytes) return refuse(kind, 'too-large')
    if (backlog?.hasRoom(kind, line.length, queue.bytes) === false) return refuse(kind, 'spool-full')
    if (!queue.hasRoom(kind, line.length)) return refuse(kind, 'queue-full')
    ledger.queue(kind)
    const receipt = outbox.push(kind, line, unitId, scope ?? null)
    if (scope !== undefined) seen.add(scope, unitId)
    return receipt
  }

  function refuse(kind: EventKind, reason: DropReason): Receipt {
    ledger[kind].dropped[reason]++
    warn(reason, 1, undefined)
    return reason === 'closed' ? CLOSED : DROPPED
  }

  /**
   * Nothing of the unit is looked at. Its arm is not counted either: an arm whose units say no more often is then one
   * whose assignments reach `expose` less often, which an audit tells.
   */
  function withhold(kind: EventKind): Receipt {
    ledger[kind].offered++
    ledger[kind].dropped['no-consent']++
    reports.wake()
    return NO_CONSENT
  }

  /** A unit whose exposure was lost has not been seen: the next time it meets its arm counts. */
  function forget(scope: string, unitId: string): void {
    seen.forget(scope, unitId)
    armCounts.lose(scope)
  }

  function isEarlier(position: number): boolean {
    return backlog?.isEarlier(position) === true
  }

  function backlogOn(spool: Spool): Backlog {
    let before: BesideSpool | undefined
    return new Backlog({
      spool,
      clock,
      timers,
      windowBytes: 4 * batch.maximumBytes,
      beside: () => addBeside(ledger.beside(), before),
      onOpened: (recovery) => {
        before = recovery.beside
        carry(earlier, recovery)
      },
      onRespite: goOn,
    })
  }

  /** Delivers what is left in the spool, once that is open. */
  function goOn(): void {
    void backlog?.open().then(
      () => outbox.start(),
      () => undefined,
    )
  }

  function account(): Account {
    return addAccounts(ledger.account(), earlier.account())
  }

  async function shutDown(deadlineMs: number): Promise<Account> {
    const until = monotonic(clock) + deadlineMs
    delivery.hurry()
    await outbox.flush(deadlineMs)
    reports.end()
    const left = until - monotonic(clock)
    if (left > 0) await outbox.flush(left)
    delivery.stop()
    await outbox.end(Math.max(LETTING_GO_MS, deadlineMs))
    if (backlog !== undefined) await endWithin(backlog.close(), Math.max(LETTING_GO_MS, deadlineMs), timers)
    await endWithin(sink.close(), until - monotonic(clock), timers)
    return account()
  }

  return {
    producerId,
    expose,
    track,
    measure,
    reportAssigned: (counts) => reports.countAssigned(counts),
    account,
    health: () => healthOf({ queue, delivery, backlog, clock }),
    opened: async () => {
      await backlog?.open()
      return account()
    },
    flush: async (deadlineMs = 5_000) => {
      await outbox.flush(deadlineMs)
      return account()
    },
    close: (deadlineMs = 5_000) => (closing ??= shutDown(deadlineMs)),
  }
}

function refuseNoSpool(spool: Partial<Spool> | undefined): void {
  if (spool === undefined || typeof spool.open === 'function') return
  throw new ExperimentError(
    'invalid-argument',
    'The recorder has no spool: `spool` lacks the function open.',
    'Give fileSpool({ directory }), or leave it out.',
  )
}

/** No reader takes an event whose producer has no name, though it would count as delivered here. */
function refuseNoProducer(producerId: unknown): void {
  if (producerId === undefined) return
  const remedy = 'Give a text that no other process has, or leave it out for one that is drawn.'
  refuseNoText('producerId', producerId, remedy)
}

function endWithin(work: Promise<void>, ms: number, timers: Timers): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = timers.start(resolve, Math.max(0, ms), true)
    work.then(resolve, reject).finally(() => timers.stop(timer))
  })
}

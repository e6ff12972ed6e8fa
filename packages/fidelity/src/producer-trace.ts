import type { ExposureEvent, LogEvent, ProducerReport, RemovedNumbers } from '@fairtrial/protocol'
import { createSkewTrace } from './skew-trace.ts'
import type { SkewTrace } from './skew-trace.ts'
import { createSequenceTrace, missingOf, newestOf, traceSequence } from './sequence-trace.ts'
import type { SequenceTrace } from './sequence-trace.ts'

/** What is remembered of a producer: a record whose size depends on gaps, arms and revisions, never on events. */
export interface ProducerTrace {
  readonly sequence: SequenceTrace
  /** Retention has taken numbers up to this one; 0 where it has taken none. */
  removedUpTo: number
  /** Of the experiment's exposures, by `PHASE/VARIANT`, where the producer numbers them by arm. */
  readonly arms: Map<string, SequenceTrace>
  readonly skew: SkewTrace
  /** Of the experiment's exposures, by revision. */
  readonly revisions: Map<number, RevisionUse>
  /** The newest of its accounts, by sequence. */
  report: ProducerReport | null
  sdk: string
  /** Epoch milliseconds of the newest event, by the earlier of its clock and the receiver's. */
  newestAt: number
  oldestAt: number
  /** The experiment's exposures, and those of them that were delivered more than once, are not as replayed, leak. */
  exposures: number
  redelivered: number
  /** Events of units met for the first time, under a number that another event bears: two writers call themselves alike. */
  reused: number
  mismatches: number
  leaks: number
  /** Exposures of a variant that the definition does not have; made under another definition. */
  unknownVariants: number
  foreign: number
  /** Exposures that lack what others have. */
  unnumbered: number
  withoutContext: number
}

/** When a producer exposed under one revision. Epoch milliseconds. */
export interface RevisionUse {
  count: number
  firstAt: number
  lastAt: number
  /** When the revision was in force for certain: by the clock of whoever received the first exposure, if there is one. */
  inForceAt: number
}

function createProducerTrace(removedUpTo: number): ProducerTrace {
  return {
    sequence: createSequenceTrace(),
    removedUpTo,
    arms: new Map(),
    skew: createSkewTrace(),
    revisions: new Map(),
    report: null,
    sdk: '',
    newestAt: Number.NEGATIVE_INFINITY,
    oldestAt: Number.POSITIVE_INFINITY,
    exposures: 0,
    redelivered: 0,
    reused: 0,
    mismatches: 0,
    leaks: 0,
    unknownVariants: 0,
    foreign: 0,
    unnumbered: 0,
    withoutContext: 0,
  }
}

/** The producers that have events in the log, and what retention has taken, also of others. */
interface Producers {
  readonly producers: Map<string, ProducerTrace>
  readonly removed: Map<string, number>
}

export function producerOf({ producers, removed }: Producers, { producerId }: LogEvent): ProducerTrace {
  let trace = producers.get(producerId)
  if (trace === undefined)
    producers.set(producerId, (trace = createProducerTrace(removed.get(producerId) ?? 0)))
  return trace
}

/** Of whom nothing but removed numbers is known, nothing is audited: they are kept aside. */
export function traceRemoved({ producers, removed }: Producers, { producerId, upTo }: RemovedNumbers): void {
  if (!Number.isSafeInteger(upTo) || upTo <= (removed.get(producerId) ?? 0)) return
  removed.set(producerId, upTo)
  const trace = producers.get(producerId)
  if (trace !== undefined) trace.removedUpTo = upTo
}

/** Events of a producer that never arrived, see `missingOf`: what retention has taken did. */
export function lostOf({ sequence, removedUpTo }: ProducerTrace, before?: number): number {
  return missingOf(sequence, before, removedUpTo)
}

/** How many events a producer has written at least, beyond what retention has taken: what is lost is lost of these. */
export function writtenBy({ sequence, removedUpTo }: ProducerTrace): number {
  return Math.max(0, newestOf(sequence) - removedUpTo)
}

/** @returns whether the event is there for the first time */
export function traceProduced(trace: ProducerTrace, event: LogEvent, seenAt: number): boolean {
  const { receivedAt = seenAt } = event
  trace.sdk = event.sdk
  if (seenAt > trace.newestAt) trace.newestAt = seenAt
  if (seenAt < trace.oldestAt) trace.oldestAt = seenAt
  return traceSequence(trace.sequence, event.sequence, receivedAt)
}

/** Accounts are cumulative: the newest tells all. */
export function traceReport(trace: ProducerTrace, report: ProducerReport): void {
  if (trace.report === null || report.sequence >= trace.report.sequence) trace.report = report
}

/** Notes an exposure of the experiment, of whatever phase and definition, analysed or not: the producer counts them all. */
export function traceOwnExposure(trace: ProducerTrace, event: ExposureEvent, seenAt: number): void {
  const { armSequence, revision, context, receivedAt = seenAt } = event
  trace.exposures += 1
  if (context === undefined) trace.withoutContext += 1
  if (armSequence === undefined) trace.unnumbered += 1
  else traceSequence(armTraceOf(trace, armOf(event)), armSequence, receivedAt)
  if (Number.isNaN(seenAt)) return
  const use = trace.revisions.get(revision)
  if (use === undefined) {
    trace.revisions.set(revision, { count: 1, firstAt: seenAt, lastAt: seenAt, inForceAt: receivedAt })
    return
  }
  use.count += 1
  use.firstAt = Math.min(use.firstAt, seenAt)
  use.lastAt = Math.max(use.lastAt, seenAt)
  use.inForceAt = Math.min(use.inForceAt, receivedAt)
}

export function armOf({ phase, variant }: { readonly phase: number; readonly variant: string }): string {
  return `${phase}/${variant}`
}

function armTraceOf({ arms }: ProducerTrace, arm: string): SequenceTrace {
  let trace = arms.get(arm)
  if (trace === undefined) arms.set(arm, (trace = createSequenceTrace()))
  return trace
}

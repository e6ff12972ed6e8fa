import { type LeftOut, openLeftOut } from './left-out.ts'
import type { EventKind } from './sink.ts'
import type { BesideSpool, BesideTally } from './spool.ts'

/**
 * Why an event was not delivered.
 * - `queue-full`: no room in the queue; outcomes are refused before exposures
 * - `too-large`: the event alone is larger than a batch may be
 * - `spool-full`: no room in the spool; outcomes are refused before exposures
 * - `spool-damaged`: it was in the spool, and could not be read back
 * - `deadline`: its batch was tried until the retry deadline, and is in no spool
 * - `rejected`: the sink will never take it
 * - `invalid`: it cannot be written as an event (no unit id, a value that is not finite)
 * - `shutdown`: still pending, and in no spool, when `close` reached its deadline
 * - `closed`: offered after `close`
 * - `no-consent`: of a unit that has not consented; no loss, and nobody is warned
 */
export type DropReason =
  | 'queue-full'
  | 'too-large'
  | 'spool-full'
  | 'spool-damaged'
  | 'deadline'
  | 'rejected'
  | 'invalid'
  | 'shutdown'
  | 'closed'
  | 'no-consent'

/** Where events went. At every instant `offered = delivered + deduplicated + Σ dropped + pending`. */
export interface Tally {
  /** Handed to `expose` with an assigned arm, or without consent, or to `track`. */
  readonly offered: number
  /** Stored, as the sink said. */
  readonly delivered: number
  /** Exposures of a unit already pending or delivered in the same arm. */
  readonly deduplicated: number
  readonly dropped: { readonly [Reason in DropReason]: number }
  /** Queued, under way or in the spool. */
  readonly pending: number
}

/** Where the pending events are: `pending = queued + inFlight + spooled`. */
export interface Pending {
  /** In memory only: a process that dies takes them along. */
  readonly queued: number
  /** Given to the sink, which has not answered yet. */
  readonly inFlight: number
  /** In the spool, waiting for the sink. */
  readonly spooled: number
}

/** All that a recorder was given, and what became of it: the totals, and each kind for itself. */
export interface Account extends Tally {
  readonly exposures: Tally
  readonly outcomes: Tally
  /** Measurements, and the producer's own reports. */
  readonly summaries: Tally
  readonly pendingIn: Pending
  /** Calls of `expose` with an arm that was not assigned: nothing to record, and no part of `offered`. */
  readonly notAssigned: number
  /** Deliveries tried again. */
  readonly retries: number
  /** Parts that were left out of exposures which were recorded all the same. */
  readonly leftOut: LeftOut
}

/** Keeps the account: each number is changed where the thing happens, and none is computed from the others. */
export class Ledger {
  notAssigned = 0
  retries = 0
  readonly leftOut = openLeftOut()
  readonly exposure = openTally()
  readonly outcome = openTally()
  readonly summary = openTally()
  readonly pendingIn = { queued: 0, inFlight: 0, spooled: 0 }
  /** What went through the spool, and so is counted by it. */
  readonly #spooled = { exposure: openTally(), outcome: openTally(), summary: openTally() }

  queue(kind: EventKind): void {
    this[kind].pending++
    this.pendingIn.queued++
  }

  move(count: number, from: keyof Pending, to: keyof Pending): void {
    this.pendingIn[from] -= count
    this.pendingIn[to] += count
  }

  /** Events that had been under way have arrived. */
  deliver(kind: EventKind, count: number, isSpooled: boolean): void {
    this.pendingIn.inFlight -= count
    this[kind].pending -= count
    this[kind].delivered += count
    if (isSpooled) this.#spooled[kind].delivered += count
  }

  /** An event that had been under way is dropped. */
  lose(kind: EventKind, reason: DropReason, isSpooled: boolean): void {
    this.pendingIn.inFlight--
    this[kind].pending--
    this[kind].dropped[reason]++
    if (isSpooled) this.#spooled[kind].dropped[reason]++
  }

  /** What the spool cannot count by itself, because it never saw these events. */
  beside(): BesideSpool {
    return {
      exposures: less(this.exposure, this.#spooled.exposure),
      outcomes: less(this.outcome, this.#spooled.outcome),
      summaries: less(this.summary, this.#spooled.summary),
    }
  }

  /** A copy, for others to keep. */
  account(): Account {
    const { exposure, outcome, summary, notAssigned, retries, leftOut } = this
    return {
      ...sumOf(exposure, outcome, summary),
      notAssigned,
      retries,
      leftOut: { ...leftOut },
      pendingIn: { ...this.pendingIn },
      exposures: sumOf(exposure),
      outcomes: sumOf(outcome),
      summaries: sumOf(summary),
    }
  }
}

type Open<T> = { -readonly [Key in keyof T]: T[Key] extends number ? number : Open<T[Key]> }

function openTally(): Open<Tally> {
  return { offered: 0, delivered: 0, deduplicated: 0, dropped: noDrops(), pending: 0 }
}

/** No event dropped, for any reason. */
export function noDrops(): Record<DropReason, number> {
  return {
    'queue-full': 0,
    'too-large': 0,
    'spool-full': 0,
    'spool-damaged': 0,
    deadline: 0,
    rejected: 0,
    invalid: 0,
    shutdown: 0,
    closed: 0,
    'no-consent': 0,
  }
}

/** A new tally with the numbers of all. */
function sumOf(...tallies: readonly Tally[]): Tally {
  const total = openTally()
  for (const tally of tallies) {
    total.offered += tally.offered
    total.delivered += tally.delivered
    total.deduplicated += tally.deduplicated
    total.pending += tally.pending
    for (const reason of Object.keys(total.dropped) as DropReason[]) {
      total.dropped[reason] += tally.dropped[reason]
    }
  }
  return total
}

/** What `whole` has delivered, deduplicated and dropped beyond `part`. */
function less(whole: Tally, part: Tally): BesideTally {
  const dropped = noDrops()
  for (const reason of Object.keys(dropped) as DropReason[]) {
    dropped[reason] = whole.dropped[reason] - part.dropped[reason]
  }
  return {
    delivered: whole.delivered - part.delivered,
    deduplicated: whole.deduplicated - part.deduplicated,
    dropped,
  }
}

/** Both accounts in one. */
export function addAccounts(a: Account, b: Account): Account {
  return {
    ...sumOf(a, b),
    notAssigned: a.notAssigned + b.notAssigned,
    leftOut: addEach(a.leftOut, b.leftOut),
    retries: a.retries + b.retries,
    pendingIn: addEach(a.pendingIn, b.pendingIn),
    exposures: sumOf(a.exposures, b.exposures),
    outcomes: sumOf(a.outcomes, b.outcomes),
    summaries: sumOf(a.summaries, b.summaries),
  }
}

/** What both counted beside the spool. */
export function addBeside(a: BesideSpool, b: BesideSpool | undefined): BesideSpool {
  if (b === undefined) return a
  const add = (one: BesideTally, other: BesideTally) => ({
    delivered: one.delivered + other.delivered,
    deduplicated: one.deduplicated + other.deduplicated,
    dropped: addEach(one.dropped, other.dropped),
  })
  return {
    exposures: add(a.exposures, b.exposures),
    outcomes: add(a.outcomes, b.outcomes),
    summaries: add(a.summaries, b.summaries),
  }
}

function addEach<Name extends string>(
  a: { readonly [N in Name]: number },
  b: { readonly [N in Name]: number },
): Record<Name, number> {
  const sum = { ...a } as Record<Name, number>
  for (const name of Object.keys(b) as Name[]) sum[name] += b[name]
  return sum
}

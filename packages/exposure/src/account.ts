import type { EventKind } from './sink.ts'

/**
 * Why an event was not delivered.
 * - `queue-full`: no room in the queue; outcomes are refused before exposures
 * - `too-large`: the event alone is larger than a batch may be
 * - `deadline`: its batch was tried until the retry deadline
 * - `rejected`: the sink will never take it
 * - `invalid`: it cannot be written as an event (no unit id, a value that is not finite)
 * - `shutdown`: still pending when `close` reached its deadline
 * - `closed`: offered after `close`
 */
export type DropReason =
  | 'queue-full'
  | 'too-large'
  | 'deadline'
  | 'rejected'
  | 'invalid'
  | 'shutdown'
  | 'closed'

/** Where events went. At every instant `offered = delivered + deduplicated + Σ dropped + pending`. */
export interface Tally {
  /** Handed to `expose` with an assigned arm, or to `track`. */
  readonly offered: number
  /** Stored, as the sink said. */
  readonly delivered: number
  /** Exposures of a unit already pending or delivered in the same arm. */
  readonly deduplicated: number
  readonly dropped: { readonly [Reason in DropReason]: number }
  /** Queued or under way. */
  readonly pending: number
}

/** All that a recorder was given, and what became of it: the totals, and each kind for itself. */
export interface Account extends Tally {
  readonly exposures: Tally
  readonly outcomes: Tally
  /** Measurements, and the producer's own reports. */
  readonly summaries: Tally
  /** Calls of `expose` with an arm that was not assigned: nothing to record, and no part of `offered`. */
  readonly notAssigned: number
  /** Deliveries tried again. */
  readonly retries: number
}

/** Keeps the account: each number is changed where the thing happens, and none is computed from the others. */
export class Ledger {
  notAssigned = 0
  retries = 0
  readonly exposure = openTally()
  readonly outcome = openTally()
  readonly summary = openTally()

  queue(kind: EventKind): void {
    this[kind].pending++
  }

  deliver(kind: EventKind): void {
    this[kind].pending--
    this[kind].delivered++
  }

  /** An event that had been pending is dropped. */
  lose(kind: EventKind, reason: DropReason): void {
    this[kind].pending--
    this[kind].dropped[reason]++
  }

  /** A copy, for others to keep. */
  account(): Account {
    const { exposure, outcome, summary, notAssigned, retries } = this
    return {
      ...sum(exposure, outcome, summary),
      notAssigned,
      retries,
      exposures: { ...exposure, dropped: { ...exposure.dropped } },
      outcomes: { ...outcome, dropped: { ...outcome.dropped } },
      summaries: { ...summary, dropped: { ...summary.dropped } },
    }
  }
}

type Open<T> = { -readonly [Key in keyof T]: T[Key] extends number ? number : Open<T[Key]> }

function openTally(): Open<Tally> {
  return { offered: 0, delivered: 0, deduplicated: 0, dropped: openDrops(), pending: 0 }
}

function openDrops(): Record<DropReason, number> {
  return { 'queue-full': 0, 'too-large': 0, deadline: 0, rejected: 0, invalid: 0, shutdown: 0, closed: 0 }
}

function sum(...tallies: readonly Tally[]): Tally {
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

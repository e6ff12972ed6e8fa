import { type DropReason, noDrops } from '../account.ts'
import type { EventKind } from '../sink.ts'
import type { BesideSpool, BesideTally, CarriedAccount, EventCounts } from '../spool.ts'
import { add, KINDS, NO_EVENTS } from './event-counts.ts'

/** What became of events that were in the spool, over all processes. */
export interface SettledCounts {
  readonly delivered: EventCounts
  readonly rejected: EventCounts
  readonly damaged: EventCounts
}

export const NOTHING_SETTLED: SettledCounts = {
  delivered: NO_EVENTS,
  rejected: NO_EVENTS,
  damaged: NO_EVENTS,
}

export function totalSettled({ delivered, rejected, damaged }: SettledCounts): EventCounts {
  return add(add(delivered, rejected), damaged)
}

/**
 * The account that a spool can vouch for: of what was appended to it by the events themselves, of all others by what
 * it was told with the last record.
 */
export function carriedAccount(
  beside: BesideSpool,
  appended: EventCounts,
  settled: SettledCounts,
): CarriedAccount {
  const done = totalSettled(settled)
  const tally = (kind: EventKind, { delivered, deduplicated, dropped }: BesideTally) => {
    const besideOffered =
      delivered + deduplicated + Object.values(dropped).reduce((sum, count) => sum + count, 0)
    return {
      offered: besideOffered + appended[kind],
      delivered: delivered + settled.delivered[kind],
      deduplicated,
      dropped: {
        ...dropped,
        rejected: dropped.rejected + settled.rejected[kind],
        'spool-damaged': dropped['spool-damaged'] + settled.damaged[kind],
      },
      pending: appended[kind] - done[kind],
    }
  }
  return {
    exposures: tally('exposure', beside.exposures),
    outcomes: tally('outcome', beside.outcomes),
    summaries: tally('summary', beside.summaries),
  }
}

const NONE: BesideTally = { delivered: 0, deduplicated: 0, dropped: noDrops() }
export const NOTHING_BESIDE: BesideSpool = { exposures: NONE, outcomes: NONE, summaries: NONE }

/** The later of two: their numbers only grow. */
export function laterOf(a: BesideSpool, b: BesideSpool): BesideSpool {
  const later = (one: BesideTally, other: BesideTally): BesideTally => ({
    delivered: Math.max(one.delivered, other.delivered),
    deduplicated: Math.max(one.deduplicated, other.deduplicated),
    dropped: mapReasons((reason) => Math.max(one.dropped[reason], other.dropped[reason])),
  })
  return {
    exposures: later(a.exposures, b.exposures),
    outcomes: later(a.outcomes, b.outcomes),
    summaries: later(a.summaries, b.summaries),
  }
}

/** As it stands on disk, in which most numbers are 0. */
export type BesideJson = readonly (readonly [
  delivered: number,
  deduplicated: number,
  dropped: { readonly [reason: string]: number },
])[]

export function besideToJson({ exposures, outcomes, summaries }: BesideSpool): BesideJson {
  return [exposures, outcomes, summaries].map(({ delivered, deduplicated, dropped }) => [
    delivered,
    deduplicated,
    Object.fromEntries(Object.entries(dropped).filter(([, count]) => count > 0)),
  ])
}

export function besideFromJson(json: BesideJson): BesideSpool {
  const [exposures, outcomes, summaries] = KINDS.map((_, index) => {
    const [delivered, deduplicated, dropped] = json[index]!
    return { delivered, deduplicated, dropped: mapReasons((reason) => dropped[reason] ?? 0) }
  })
  return { exposures: exposures!, outcomes: outcomes!, summaries: summaries! }
}

function mapReasons(count: (reason: DropReason) => number): Record<DropReason, number> {
  const counts = noDrops()
  for (const reason of Object.keys(counts) as DropReason[]) counts[reason] = count(reason)
  return counts
}

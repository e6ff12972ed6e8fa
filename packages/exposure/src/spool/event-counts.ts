import type { EventKind } from '../sink.ts'
import type { EventCounts } from '../spool.ts'

/** The kinds in the order in which their numbers stand on disk. */
export const KINDS: readonly EventKind[] = ['exposure', 'outcome', 'summary']

export const NO_EVENTS: EventCounts = { exposure: 0, outcome: 0, summary: 0 }

export function countKinds(kinds: readonly EventKind[]): EventCounts {
  const counts = { ...NO_EVENTS }
  for (const kind of kinds) counts[kind]++
  return counts
}

export function add(a: EventCounts, b: EventCounts): EventCounts {
  return mapKinds((kind) => a[kind] + b[kind])
}

export function subtract(a: EventCounts, b: EventCounts): EventCounts {
  return mapKinds((kind) => a[kind] - b[kind])
}

export function total(counts: EventCounts): number {
  return KINDS.reduce((sum, kind) => sum + counts[kind], 0)
}

export function mapKinds(count: (kind: EventKind) => number): EventCounts {
  return { exposure: count('exposure'), outcome: count('outcome'), summary: count('summary') }
}

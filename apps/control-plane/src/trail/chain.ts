import { createHash } from 'node:crypto'
import { canonicalJson } from '@fairtrial/protocol'
import type { TrailEntry } from '@fairtrial/rollout'

/** What is written down, before it is put in the chain. */
export type TrailFact = Pick<TrailEntry, 'at' | 'by' | 'role' | 'kind' | 'experiment' | 'detail'>

/** Where a chain ends: all that the next entry must know of it. Kept elsewhere, it also tells whether the end was cut off. */
export type TrailEnd = Pick<TrailEntry, 'sequence' | 'hash'>

/** Puts a fact behind the last entry. */
export function chain(last: TrailEnd | null, fact: TrailFact): TrailEntry {
  const entry = {
    schema: 'fairtrial.trail/1',
    sequence: (last?.sequence ?? 0) + 1,
    ...fact,
    previous: last?.hash ?? null,
  } as const
  return { ...entry, hash: hashOf(entry) }
}

/** The line of an entry: the one text of it, so that no second way to write it can say something else. */
export function lineOf(entry: TrailEntry): string {
  return `${canonicalJson(entry)}\n`
}

/** The entry of a line, without its line feed, if it is the one that follows `last`; else why it is not. */
export function readLink(line: string, last: TrailEnd | null): TrailEntry | { readonly why: string } {
  let entry: TrailEntry
  try {
    entry = JSON.parse(line) as TrailEntry
    if (canonicalJson(entry) !== line) return { why: 'it is not written as entries are' }
  } catch {
    return { why: 'it is no JSON' }
  }
  const { hash, ...rest } = entry
  if (entry.schema !== 'fairtrial.trail/1') return { why: 'it is no entry of a trail' }
  if (hash !== hashOf(rest)) return { why: 'its hash is not that of what it says' }
  const expected = (last?.sequence ?? 0) + 1
  if (entry.sequence !== expected) return { why: `its number is ${entry.sequence}, not ${expected}` }
  if (entry.previous !== (last?.hash ?? null)) return { why: 'it does not follow the entry before it' }
  return entry
}

function hashOf(entry: Omit<TrailEntry, 'hash'>): string {
  return createHash('sha256').update(canonicalJson(entry)).digest('hex')
}

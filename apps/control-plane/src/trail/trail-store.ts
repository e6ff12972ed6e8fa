import type { JsonObject } from '@fairtrial/protocol'
import type { TrailEntry } from '@fairtrial/rollout'
import type { TrailEnd, TrailFact } from './chain.ts'

/** What is known of an entry without reading it. */
export interface TrailMark {
  readonly kind: TrailEntry['kind']
  readonly experiment: string | null
  /** In force after a transition, and where somebody said something of it. */
  readonly revision: number | null
}

/** Where the entries of a trail stand. */
export interface TrailStore {
  /** By sequence, from 1: `marks[sequence - 1]`. */
  readonly marks: readonly TrailMark[]
  readonly last: TrailEnd | null
  /** Reads what others have appended. */
  refresh(): Promise<void>
  /** Appends in one go, in this order. Durable once it resolves; where it rejects, nothing was appended. */
  append(facts: readonly TrailFact[]): Promise<readonly TrailEntry[]>
  /** Rejects where the entry is no longer what was written. */
  read(sequence: number): Promise<TrailEntry>
  close(): Promise<void>
}

export function markOf({ kind, experiment, detail }: TrailFact): TrailMark {
  const said = kind === 'transition' ? (detail['to'] as JsonObject) : detail
  const revision = said['revision']
  return { kind, experiment, revision: typeof revision === 'number' ? revision : null }
}

import type { TrailEntry } from '@fairtrial/rollout'
import type { Metric } from '../metrics/metric.ts'
import type { KeepingRoom } from '../notice.ts'
import type { TrailEnd, TrailFact } from './chain.ts'
import { factOf } from './fact-of.ts'
import { limitRefusals } from './refusal-limit.ts'
import { createTrailQueue } from './trail-queue.ts'
import { trailRoutes } from './trail-routes.ts'
import type { TrailMark, TrailStore } from './trail-store.ts'

/** Who did what, and why; who wanted to, and was refused: appended, chained, and never changed. */
export interface Trail extends KeepingRoom {
  readonly last: TrailEnd | null
  /** Of each entry, by `sequence - 1`. */
  readonly marks: readonly TrailMark[]
  /** Waits for what was told before, and reads what other replicas have appended. */
  refresh(): Promise<void>
  /** Resolves when it is durable. */
  append(fact: TrailFact): Promise<TrailEntry>
  read(sequence: number): Promise<TrailEntry>
  /** Up to which revision an experiment's transitions are in it; null of a trail that has no entries at all. */
  knownRevision(experiment: string): number | null
}

/** The trail in a store, which it closes. */
export function createTrail(store: TrailStore, log: (line: string) => void): Trail {
  const queue = createTrailQueue(store, log)
  const limited = limitRefusals()
  const trail: Trail = {
    get last() {
      return store.last
    },
    marks: store.marks,
    async refresh() {
      await queue.settled()
      await store.refresh()
    },
    append: queue.put,
    read: store.read,
    knownRevision(experiment) {
      if (store.last === null) return null
      return store.marks
        .filter((mark) => mark.kind === 'transition' && mark.experiment === experiment)
        .reduce((highest, { revision }) => Math.max(highest, revision ?? 0), 0)
    },
    take(notice) {
      const fact = factOf(notice)
      const written = fact === null ? null : limited(fact)
      // What is left out is counted, and was told when the disk began to fail.
      if (written !== null) queue.put(written).catch(() => undefined)
    },
    get routes() {
      return trailRoutes(trail)
    },
    metrics: (): readonly Metric[] => [
      {
        name: 'fairtrial_trail_entries',
        help: 'Entries of the audit trail.',
        type: 'gauge',
        samples: [{ value: store.last?.sequence ?? 0 }],
      },
      {
        name: 'fairtrial_trail_pending',
        help: 'Entries that wait to be written.',
        type: 'gauge',
        samples: [{ value: queue.pending }],
      },
      {
        name: 'fairtrial_trail_failures_total',
        help: 'Writes to the audit trail that failed, and are tried again.',
        type: 'counter',
        samples: [{ value: queue.failures }],
      },
      {
        name: 'fairtrial_trail_lost_total',
        help: 'Entries that were left out because too many waited.',
        type: 'counter',
        samples: [{ value: queue.lost }],
      },
    ],
    close: queue.close,
  }
  return trail
}

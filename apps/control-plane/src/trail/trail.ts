import type { TrailEntry } from '@fairtrial/rollout'
import type { Metric } from '../metrics/metric.ts'
import type { KeepingRoom } from '../notice.ts'
import type { TrailEnd, TrailFact } from './chain.ts'
import { factOf } from './fact-of.ts'
import { limitRefusals } from './refusal-limit.ts'
import { openTrailFile, type TrailMark } from './trail-file.ts'
import { createTrailQueue } from './trail-queue.ts'
import { trailRoutes } from './trail-routes.ts'

/** Who did what, and why; who wanted to, and was refused: appended, chained, and never changed. */
export interface Trail extends KeepingRoom {
  readonly last: TrailEnd | null
  /** Of each entry, by `sequence - 1`. */
  readonly marks: readonly TrailMark[]
  /** Resolves when it is durable. */
  append(fact: TrailFact): Promise<TrailEntry>
  read(sequence: number): Promise<TrailEntry>
  /** Up to which revision an experiment's transitions are in it; null of a trail that has no entries at all. */
  knownRevision(experiment: string): number | null
}

/**
 * Opens the trail of a data directory.
 *
 * @throws ExperimentError `invalid-state` where an entry does not hold
 */
export async function openTrail(options: {
  readonly directory: string
  readonly log: (line: string) => void
}): Promise<Trail> {
  const { directory, log } = options
  const file = await openTrailFile(directory, log)
  const queue = createTrailQueue(file, log)
  const limited = limitRefusals()
  const trail: Trail = {
    get last() {
      return file.last
    },
    marks: file.marks,
    append: queue.put,
    read: file.read,
    knownRevision(experiment) {
      if (file.last === null) return null
      return file.marks
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
        samples: [{ value: file.last?.sequence ?? 0 }],
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

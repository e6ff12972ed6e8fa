import type { Audit } from '../audit.ts'
import type { Found } from '../found.ts'
import type { RevisionUse } from '../producer-trace.ts'
import { sayCount, sayDuration, sayShare } from '../words.ts'

/** Ten leases of the control plane's default: a client that is told nothing for so long should have withdrawn. */
const GRACE_MS = 5 * 60_000

/** A producer that went on exposing under a revision after a newer one was in force. */
interface StaleProducer {
  readonly producerId: string
  readonly revision: number
  /** About how many: of the revision's exposures, taken as even in time. */
  readonly exposures: number
  readonly lateMs: number
}

/** Exposures under a revision that had been replaced longer ago than a lease: a client that no longer hears of changes. */
export function staleRevisionFinding({ producers }: Audit): Found[] {
  const inForceAt = new Map<number, number>()
  let exposures = 0
  for (const { revisions, exposures: own } of producers.values()) {
    exposures += own
    for (const [revision, use] of revisions)
      inForceAt.set(revision, Math.min(inForceAt.get(revision) ?? use.inForceAt, use.inForceAt))
  }
  // When anything newer than a revision was in force: from the newest down.
  const replacedAt = new Map<number, number>()
  let earliest = Number.POSITIVE_INFINITY
  for (const [revision, at] of [...inForceAt].toSorted(([a], [b]) => b - a)) {
    replacedAt.set(revision, earliest)
    earliest = Math.min(earliest, at)
  }
  const stale = [...producers].flatMap(([producerId, { revisions }]) =>
    [...revisions].flatMap(([revision, use]): StaleProducer[] => {
      const until = (replacedAt.get(revision) ?? Number.POSITIVE_INFINITY) + GRACE_MS
      if (use.lastAt <= until) return []
      return [
        { producerId, revision, exposures: countAfter(use, until), lateMs: use.lastAt - until + GRACE_MS },
      ]
    }),
  )
  const ranked = stale.toSorted((a, b) => b.exposures - a.exposures)
  const [worst] = ranked
  if (worst === undefined) return []
  const found = stale.reduce((total, each) => total + each.exposures, 0)
  const share = found / exposures
  const howMany = new Set(stale.map(({ producerId }) => producerId)).size
  return [
    {
      code: 'stale-revision',
      severity: 'caution',
      detail: `${sayCount(howMany, 'producer')} exposed under a revision that had been replaced: about ${sayCount(found, 'exposure')} (${sayShare(share)}), most by ${worst.producerId}, which still served revision ${worst.revision} ${sayDuration(worst.lateMs)} after a newer one was in force.`,
      remedy:
        'See why these instances hear of no change: a lease that never lapses, a poll that fails, a process that was suspended. An abort would not reach them.',
      evidence: { found, share, producers: ranked.slice(0, 5).map((each) => ({ ...each })) },
    },
  ]
}

function countAfter({ count, firstAt, lastAt }: RevisionUse, until: number): number {
  if (firstAt > until) return count
  return Math.max(1, Math.round((count * (lastAt - until)) / (lastAt - firstAt)))
}

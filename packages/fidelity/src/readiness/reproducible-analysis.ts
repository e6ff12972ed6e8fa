import type { Experiment } from '@fairtrial/protocol'
import { sayCount } from '../words.ts'
import type { DryRunReport } from './dry-run.ts'
import { fingerprintObstacles } from './of-this-definition.ts'
import { type Obstacle, type Seen, unseen } from './seen.ts'

/** What became of making a locked analysis again. */
export interface LockOutcome {
  /** Of the definition that was analysed. */
  readonly experiment: string
  readonly fingerprint: string
  /** The answer came out the same, byte for byte. */
  readonly verified: boolean
  /** Of the answer now; null where none could be made. */
  readonly sha256: string | null
  /** What is different, whether or not the answer is: `definition`, `input`, `code`, `analysis` or `answer`. */
  readonly changes: readonly { readonly what: string; readonly detail: string }[]
  /** Exposures that the analysis has read; null of one that has read no log. */
  readonly exposures: number | null
}

const REMEDY = 'Analyze the log of the dry run with --lock FILE, keep both as they are, and give that lock.'

/** Whether the analysis of this dry run was made again and came out the same, from data that nobody has touched. */
export function checkReproducible(
  experiment: Experiment,
  lock: LockOutcome | null,
  dryRun: DryRunReport | null,
): Seen {
  if (lock === null) return unseen('There is no locked analysis of the dry run.', REMEDY)
  const { verified, sha256, changes, exposures } = lock
  // Another version may make the analysis, as long as its answer is the same.
  const changed = verified ? changes.filter(({ what }) => what !== 'code') : changes
  const read = dryRun?.audit.counts.exposures ?? null
  const obstacles: Obstacle[] = [
    ...fingerprintObstacles('The locked analysis', experiment, lock, REMEDY),
    ...(verified
      ? []
      : [{ detail: 'The locked analysis does not come out the same again.', remedy: REMEDY }]),
    ...changed.map(({ detail }) => ({ detail, remedy: REMEDY })),
  ]
  if (read === null || exposures !== read) {
    const seen = exposures === null ? 'no log' : sayCount(exposures, 'exposure')
    const there = read === null ? 'there is no dry run' : `the dry run has ${read.toLocaleString('en-US')}`
    obstacles.push({ detail: `The locked analysis has read ${seen}; ${there}.`, remedy: REMEDY })
  }
  return {
    obstacles,
    detail: [
      `Made again from the same ${sayCount(exposures ?? 0, 'exposure')}, the analysis is the same, byte for byte: sha256 ${sha256?.slice(0, 12)}.`,
      ...changes.map(({ detail }) => detail),
    ].join(' '),
    evidence: { verified, sha256, exposures, changes: changes.map((change) => ({ ...change })) },
  }
}

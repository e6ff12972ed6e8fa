import { stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { ExperimentError } from '@fairtrial/protocol/error'
import { refuseNoText } from '../refusals.ts'
import { planRetention, type RetentionRule, type StayingSegment } from './plan-retention.ts'
import { refuseNoDirectory, segmentsOf } from './read-segments.ts'
import { appendRemoved, readRetentionRecord, type RemovedSegment, syncDirectory } from './retention-record.ts'
import { type SegmentFacts, surveySegment } from './segment-facts.ts'

/** What one run of a retention is to do. */
export interface RetentionOptions extends Omit<RetentionRule, 'running'> {
  /** Who lets go, for the record. */
  readonly by: string
  /**
   * Since when events may be evidence of the phase of an experiment that runs, epoch milliseconds; null where none does.
   * Asked of each that the log tells of. Where it rejects, nothing goes.
   */
  readonly runningSince: (experiment: string) => Promise<number | null>
  /**
   * Asked of these too: outcomes belong to no experiment, and the exposures of the same units may stand in another log.
   * Default none.
   */
  readonly experiments?: readonly string[]
  /** Told what is about to go, if anything is. Where it rejects, nothing goes. */
  readonly announce?: (going: RetentionRun) => Promise<unknown>
  /** Says what would go, and removes nothing. */
  readonly isDryRun?: boolean
}

/** What went, or would go, and what stays. */
export interface RetentionRun {
  /** Epoch milliseconds: only what is older may go. */
  readonly before: number
  readonly removed: readonly RemovedSegment[]
  readonly stay: readonly StayingSegment[]
}

/** Lets the old segments of a log go. */
export interface SegmentRetention {
  /**
   * Removes what is older, see `planRetention`. What goes is recorded beside the segments first: a run that is killed has
   * lost nothing unrecorded, and the next one ends it. Rejects `io` where the record or a segment cannot be written.
   */
  run(options: RetentionOptions): Promise<RetentionRun>
  /**
   * Ends a run that was killed: removes what it had recorded and not removed. Before somebody reads the log from its
   * beginning, for half of what went looks like loss.
   */
  finish(): Promise<void>
}

/**
 * The retention of a directory of segments. Whoever writes there, or reads, may go on meanwhile.
 *
 * @throws ExperimentError `invalid-argument` for no directory at all
 */
export function segmentRetention(directory: string): SegmentRetention {
  refuseNoDirectory(directory)
  /** Segments only grow, so that one of the same size need not be read again. */
  const surveyed = new Map<string, SegmentFacts>()

  async function survey(now: number): Promise<readonly SegmentFacts[]> {
    const names = await segmentsOf(directory)
    for (const name of surveyed.keys()) if (!names.includes(name)) surveyed.delete(name)
    const found: SegmentFacts[] = []
    for (const name of names) {
      const path = join(directory, name)
      const known = surveyed.get(name)
      const isSame = known !== undefined && known.bytes === (await stat(path)).size
      const facts = isSame ? known : await surveySegment(path, name, now)
      surveyed.set(name, facts)
      found.push(facts)
    }
    return found
  }

  async function remove(removed: readonly RemovedSegment[]): Promise<void> {
    const known = await readRetentionRecord(directory)
    const isTold = ({ name, sha256 }: RemovedSegment) =>
      known.some((each) => each.name === name && each.sha256 === sha256)
    const untold = removed.filter((each) => !isTold(each))
    if (untold.length > 0) await appendRemoved(directory, untold)
    await unlinkAll(removed.map(({ name }) => name))
  }

  async function unlinkAll(names: readonly string[]): Promise<void> {
    for (const name of names) await unlink(join(directory, name)).catch(unlessGone)
    if (names.length > 0) await syncDirectory(directory)
  }

  return {
    async finish() {
      const names = new Set(await segmentsOf(directory))
      const begun: string[] = []
      for (const { name, sha256 } of await readRetentionRecord(directory)) {
        if (!names.has(name)) continue
        const facts = await surveySegment(join(directory, name), name, Infinity)
        if (facts.sha256 === sha256) begun.push(name)
      }
      await unlinkAll(begun).catch((cause: Error) => Promise.reject(failed(directory, cause)))
    },
    async run({ by, runningSince, experiments = [], announce, isDryRun = false, ...rule }) {
      refuseNoText('by', by, 'Say who lets the segments go.')
      refuseNoAge(rule.olderThanMs)
      const segments = await survey(rule.now)
      const running = new Map<string, number>()
      const told = segments.flatMap((facts) => Object.keys(facts.experiments))
      for (const key of new Set([...experiments, ...told])) {
        const since = await runningSince(key)
        if (since !== null) running.set(key, since)
      }
      const { before, go, stay } = planRetention(segments, { ...rule, running })
      const removed = go.map(({ receivedUpTo: _, ...facts }): RemovedSegment => {
        const { now: removedAt, olderThanMs } = rule
        return { schema: 'fairtrial.removed/1', ...facts, removedAt, by, olderThanMs }
      })
      const run = { before, removed, stay }
      if (isDryRun || removed.length === 0) return run
      await announce?.(run)
      await remove(removed).catch((cause: Error) => Promise.reject(failed(directory, cause)))
      return run
    },
  }
}

function unlessGone(cause: NodeJS.ErrnoException): void {
  if (cause.code !== 'ENOENT') throw cause
}

function refuseNoAge(olderThanMs: unknown): void {
  if (typeof olderThanMs === 'number' && olderThanMs > 0) return
  throw new ExperimentError(
    'invalid-argument',
    `olderThanMs is ${String(olderThanMs)}.`,
    'Give milliseconds above 0.',
  )
}

function failed(directory: string, cause: Error): ExperimentError {
  return new ExperimentError(
    'io',
    `The segments of ${directory} that are too old could not all be removed: ${cause.message}.`,
    'Look for permissions, and for space for a line of record; then run it again, it goes on where it ended.',
    { cause },
  )
}

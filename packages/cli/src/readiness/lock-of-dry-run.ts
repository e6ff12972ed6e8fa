import { dirname, join, resolve } from 'node:path'
import type { LockOutcome } from '@fairtrial/fidelity'
import { type EvaluationLock, ExperimentError } from '@fairtrial/protocol'
import { readLock } from '../lock/lock-file.ts'
import { verifyLock } from '../lock/verify-lock.ts'
import type { LogPlace } from '../log-place.ts'

/**
 * Makes the analysis of a lock again.
 *
 * @param place of the dry run
 * @throws ExperimentError `invalid-argument` for a file that is no lock, or that of another log; `unreachable` where no
 * broker answers
 */
export async function tryLock(path: string, place: LogPlace | null): Promise<LockOutcome> {
  const lock = await readLock(path)
  if (place !== null && !isOf(path, lock, place)) {
    throw new ExperimentError(
      'invalid-argument',
      `--lock ${path} is of other data than the dry run.`,
      'Analyze the log of the dry run with --lock FILE, and give that lock.',
    )
  }
  const brokers = place !== null && 'kafka' in place ? place.kafka : undefined
  const { verified, sha256, changes } = await verifyLock(path, lock, brokers)
  const { experiment, audit } = lock.document.content as unknown as LockedDocument
  const isOfLog = !('table' in lock.options)
  return {
    experiment,
    fingerprint: lock.definition.fingerprint,
    verified,
    sha256,
    changes,
    exposures: isOfLog ? audit.counts.exposures : null,
  }
}

/** What `analyze` prints, as far as it is asked for here. */
interface LockedDocument {
  readonly experiment: string
  readonly audit: { readonly counts: { readonly exposures: number } }
}

function isOf(path: string, { options }: EvaluationLock, place: LogPlace): boolean {
  const { log, kafka, topicPrefix } = options as { log?: string; kafka?: unknown; topicPrefix?: string }
  if ('log' in place) return log !== undefined && join(dirname(resolve(path)), log) === resolve(place.log)
  return kafka !== undefined && (topicPrefix ?? 'fairtrial') === (place.topicPrefix ?? 'fairtrial')
}

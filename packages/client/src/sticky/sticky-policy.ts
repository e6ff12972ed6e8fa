import { ExperimentError } from '@fairtrial/protocol/error'

/** How arms of one experiment stick. */
export interface StickyPolicy {
  /**
   * - `within-phase`, the default: a new phase draws every arm anew, and its evidence is its own.
   * - `across-phases`: who has met an arm in an earlier phase keeps it, for as long as there is a variant of that name.
   *   Such a unit was not drawn by the present design: its arm is `overridden`, and enters no analysis. The phase is
   *   judged by the units that are new to it.
   */
  readonly keeps?: 'within-phase' | 'across-phases'
  /** Written beside what is remembered. Default 1. */
  readonly version?: number
  /** What was written under an older version no longer counts. Default: none is too old. */
  readonly minimumVersion?: number
  /**
   * What becomes of a unit whose arm was remembered under too old a version.
   * - `purge`, the default: it is drawn anew.
   * - `block`: it is served control as `overridden`, and enters no analysis.
   */
  readonly olderVersions?: 'purge' | 'block'
}

/** A policy with its defaults. */
export type WholeStickyPolicy = Required<StickyPolicy>

/** @throws ExperimentError `invalid-argument` for a version that is no whole number, or a word that there is not */
export function stickyPolicy(experiment: string, policy: StickyPolicy = {}): WholeStickyPolicy {
  const { keeps = 'within-phase', version = 1, minimumVersion = 0, olderVersions = 'purge' } = policy
  const refuse = (field: string, value: unknown, remedy: string) => {
    throw new ExperimentError(
      'invalid-argument',
      `policies.${experiment}.${field} is ${String(value)}.`,
      remedy,
    )
  }
  if (!['within-phase', 'across-phases'].includes(keeps)) {
    refuse('keeps', keeps, "Give 'within-phase' or 'across-phases'.")
  }
  if (!['purge', 'block'].includes(olderVersions)) {
    refuse('olderVersions', olderVersions, "Give 'purge' or 'block'.")
  }
  if (!Number.isSafeInteger(version)) refuse('version', version, 'Give a whole number.')
  if (!Number.isSafeInteger(minimumVersion) || minimumVersion > version) {
    refuse('minimumVersion', minimumVersion, `Give a whole number, at most the version, ${version}.`)
  }
  return { keeps, version, minimumVersion, olderVersions }
}

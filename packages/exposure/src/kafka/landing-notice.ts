/** What an operator should know. */
export interface LandingNotice {
  /**
   * - `lost`: records were deleted before they were read.
   * - `poison`: a record is no event; it is in the dead letters, and marked in the files.
   * - `dead-letters-failed`: it is marked, but not in the dead letters.
   * - `write-failed`: the files cannot be written; it is tried again.
   * - `directory-behind`: the directory ends before what was committed for it; it is read again.
   * - `stalled`, `ended`: the consumer stood still or gave up; it is made anew.
   * - `starting`: it gave up because the group has no coordinator yet, as on a new broker, before it was ever let in;
   *   it is made anew. After `stallMs` of this it is `ended`.
   */
  readonly kind:
    | 'lost'
    | 'poison'
    | 'dead-letters-failed'
    | 'write-failed'
    | 'directory-behind'
    | 'stalled'
    | 'ended'
    | 'starting'
  readonly detail: string
}

/** Tells a notice. */
export type Notify = (kind: LandingNotice['kind'], detail: string) => void

const QUIET_MS = 60_000

/** Warns of each kind once a minute at most, where nobody else listens; not of what passes by itself. */
export function warnOfNotices(): Notify {
  const warnedAt = new Map<string, number>()
  return (kind, detail) => {
    if (kind === 'starting') return
    const now = performance.now()
    if (now - (warnedAt.get(kind) ?? Number.NEGATIVE_INFINITY) < QUIET_MS) return
    warnedAt.set(kind, now)
    process.emitWarning(detail, { code: `FAIRTRIAL_${kind.toUpperCase().replaceAll('-', '_')}` })
  }
}

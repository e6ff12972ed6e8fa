import type { Snapshot } from '@fairtrial/protocol'
import type { Clock } from './clock.ts'
import { readSnapshot } from './read-snapshot.ts'
import type { Reading } from './source.ts'

/** The snapshot in force and its lease. */
export class Holding {
  snapshot: Snapshot | null = null
  /** The source's name of that snapshot. An answer that was not taken leaves it alone. */
  tag: string | null = null
  /** By the monotonic clock. Without a snapshot there is nothing to lapse. */
  leaseEndsAt = Infinity
  /** Snapshots that were older than the one in force. */
  ignored = 0
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Puts a reading in force. The lease is counted on our own clock and from the moment of asking: whatever time
   * the answer took, on its way or in a queue, is taken off the lease and never added.
   *
   * @param askedAt by the monotonic clock
   * @returns whether it was a snapshot that is now in force
   * @throws ExperimentError where it is malformed; what is in force stays
   */
  take(reading: Reading, askedAt: number): boolean {
    if (reading.snapshot === undefined) {
      if (reading.validForMs !== undefined && this.snapshot !== null) {
        this.leaseEndsAt = askedAt + reading.validForMs
      }
      return false
    }
    const snapshot = readSnapshot(reading.snapshot)
    if (this.snapshot !== null && snapshot.revision < this.snapshot.revision) {
      this.ignored += 1
      return false
    }
    const granted = reading.validForMs ?? snapshot.validUntil - snapshot.issuedAt
    const left = reading.sameClock === true ? snapshot.validUntil - this.#clock.now() : granted
    this.leaseEndsAt = askedAt + Math.min(granted, left)
    this.snapshot = snapshot
    this.tag = reading.tag ?? null
    return true
  }

  /** The snapshot with its times by this machine's wall clock: what may be kept over a restart. */
  toRemember(): Snapshot | null {
    if (this.snapshot === null) return null
    const issuedAt = Math.round(this.#clock.now())
    const left = Math.max(0, this.leaseEndsAt - this.#clock.monotonic())
    return { ...this.snapshot, issuedAt, validUntil: Math.round(issuedAt + left) }
  }
}

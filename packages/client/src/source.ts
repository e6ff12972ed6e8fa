import type { Snapshot } from '@fairtrial/protocol'

/** What the client tells a source when it asks. */
export interface Inquiry {
  /** Of the snapshot in force, as the source gave it; null where there is none. */
  readonly tag: string | null
  /** Who asks. */
  readonly instanceId: string
  /** Aborted when the client closes. */
  readonly signal: AbortSignal
}

/** What a source answers. Without a `snapshot`, nothing has changed since the one with the tag. */
export interface Reading {
  /** As it was parsed; the client checks it. */
  readonly snapshot?: unknown
  /** Names this snapshot in the next inquiry. */
  readonly tag?: string | null
  /**
   * How long the lease lasts, in milliseconds from the moment of asking. Default: of a snapshot, its
   * `validUntil` − `issuedAt`; without one, the lease stays as it is.
   */
  readonly validForMs?: number
  /** The snapshot's times are by this machine's clock, so that a lease which ended in the past has lapsed. */
  readonly sameClock?: boolean
}

/** Where states come from. The client does the polling, the checking and the backing off. */
export interface StateSource {
  /** From one answer to the next inquiry; Infinity: ask again only when `watch` says so. */
  readonly pollMs: number
  /** The longest wait after failures. Default 15,000. */
  readonly maximumBackoffMs?: number
  /** Keeps the last good snapshot over a restart. */
  readonly lastGood?: SnapshotMemory
  /** Must settle; throws or rejects where it cannot answer. An answer given at once is in force at once. */
  read(inquiry: Inquiry): Reading | Promise<Reading>
  /** Calls `changed` when it is worth asking before the next poll. */
  watch?(changed: () => void): void
}

/** Remembers one snapshot. Its times are by this machine's clock. */
export interface SnapshotMemory {
  /** Null where nothing is remembered. */
  recall(): Promise<unknown>
  keep(snapshot: Snapshot): Promise<void>
}

/** The kinds of events in a log: of a unit's exposure or outcome, or a sum of many requests. */
export type EventKind = 'exposure' | 'outcome' | 'summary'

/** Events on their way, serialized once. The arrays have an entry for each line. */
export interface EventBatch {
  /** NDJSON in UTF-8: `count` lines, each ended by a line feed. */
  readonly content: Uint8Array
  readonly count: number
  readonly kinds: readonly EventKind[]
  /** The key by which a partitioned log is to be written; of a summary, its producer. */
  readonly unitIds: readonly string[]
}

/** One line that will never be taken, however often it is sent. */
export interface Rejection {
  /** 1 for the first line of the batch. */
  readonly line: number
  readonly code: string
  readonly detail: string
}

/** A batch that arrived: every line is stored for good, but for those rejected. */
export interface DeliveryResult {
  readonly rejected: readonly Rejection[]
}

/**
 * Where batches go. Every implementation passes `sinkContract` of `@fairtrial/exposure/testing`.
 *
 * A recorder has one batch at a time under way, but for one that hangs beyond its deadline, and sends a batch
 * again when its delivery failed: a line may be stored more than once, and readers collapse events by their id.
 */
export interface Sink {
  /**
   * Resolves when the batch is stored. Rejects when it may be tried again: with an `ExperimentError` of code
   * `too-large` where it may be in smaller batches, of code `misconfigured` where that has no hope before somebody
   * mends something (credentials, a topic), with anything else where it may be soon.
   */
  deliver(batch: EventBatch): Promise<DeliveryResult>
  /**
   * Told, while a batch is under way, which one is next, so that it can be got ready meanwhile. It may yet come in parts,
   * or never. Must not throw.
   */
  prepare?(batch: EventBatch): void
  /** Ends what is under way and lets go of files and sockets. A later `deliver` rejects. */
  close(): Promise<void>
}

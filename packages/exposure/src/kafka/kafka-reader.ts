/** What a partition holds. */
export interface KafkaRange {
  readonly topic: string
  readonly partition: number
  /** Offset of the oldest record that is still there. */
  readonly low: number
  /** Offset behind the newest record that may be read: an open transaction is not read yet. */
  readonly high: number
}

/** One record as it was stored. */
export interface StoredRecord {
  readonly offset: number
  /** Epoch milliseconds: of the broker where the topic says `LogAppendTime`, else of whoever sent it. */
  readonly timestamp: number
  readonly key: Uint8Array | null
  /** Null is a tombstone. */
  readonly value: Uint8Array | null
}

/** Records of one partition, in the order of their offsets. */
export interface KafkaRecords {
  readonly topic: string
  readonly partition: number
  /** None where only control records were read. */
  readonly records: readonly StoredRecord[]
  /** Offset behind all that was read, control records and aborted transactions too. */
  readonly next: number
}

/** A stretch of one partition: from an offset, up to and without another. */
export interface KafkaSpan {
  readonly topic: string
  readonly partition: number
  readonly from: number
  readonly until: number
}

/** Reads by offset, as no member of any group that commits. One `read` at a time. */
export interface KafkaReader {
  /** What each partition holds now. Rejects `unreachable` at the deadline, `misconfigured` where a topic is not there. */
  ranges(topics: readonly string[], deadlineMs: number): Promise<readonly KafkaRange[]>
  /**
   * Reads all spans, until each is read or `take` returns false. Where the broker has deleted what a span begins
   * with, reading begins at what is left.
   *
   * @param deadlineMs how long nothing may come before it rejects `unreachable`
   */
  read(
    spans: readonly KafkaSpan[],
    take: (records: KafkaRecords) => boolean,
    deadlineMs: number,
  ): Promise<void>
  close(): Promise<void>
}

/** A partition that has come to a member of a group. */
export interface AssignedPartition extends KafkaRange {
  /** What the group has committed last; null where it never did. */
  readonly committed: { readonly offset: number; readonly metadata: string } | null
}

/** A position to commit: the offset to go on from, and a note of at most a few hundred bytes. */
export interface KafkaPosition {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly metadata: string
}

/** What a member of a consumer group does with what it is given. */
export interface KafkaMembership {
  readonly groupId: string
  readonly topics: readonly string[]
  /** How long the group waits for a member that gives no sign. */
  readonly sessionTimeoutMs: number
  /**
   * Asked after each rebalance, before anything is fetched, for all partitions that the member has now: the offset at
   * which each begins, in order. It may throw, and `onEnd` is told so.
   */
  begin(assigned: readonly AssignedPartition[]): readonly number[]
  /** Fulfilled when the records are stored; nothing more of the partition comes before. It must not reject. */
  take(records: KafkaRecords): Promise<void>
  /**
   * The member has ended without being asked to.
   *
   * @param isPassing the group's coordinator is not there yet, or loading: on a new broker it soon is
   */
  onEnd(cause: Error, isPassing?: boolean): void
}

/** A member of a consumer group. */
export interface KafkaMember {
  /** Only partitions that the member has can be committed. */
  commit(positions: readonly KafkaPosition[]): Promise<void>
  /** Leaves the group. Fulfilled when nothing is taken any more. */
  close(): Promise<void>
}

/** The part of a Kafka library that reads by offset. */
export interface KafkaReading {
  openReader(): KafkaReader
}

/** The part of a Kafka library that is a member of consumer groups. */
export interface KafkaJoining {
  joinGroup(membership: KafkaMembership): KafkaMember
}

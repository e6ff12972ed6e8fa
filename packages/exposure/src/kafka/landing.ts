import { ExperimentError } from '@fairtrial/protocol/error'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DeadLetters } from './dead-letters.ts'
import type { KafkaLoss } from './kafka-portion.ts'
import type { AssignedPartition, KafkaRange, KafkaRecords } from './kafka-reader.ts'
import { landedLine, lossLine, poisonLine } from './landed-line.ts'
import { type Origin } from './landed-line.ts'
import type { Notify } from './landing-notice.ts'
import { type FileLimits, PartitionFile, partitionsIn } from './partition-file.ts'
import { readRecord } from './read-record.ts'

/** How far one partition has landed. */
export interface PartitionLag {
  readonly topic: string
  readonly partition: number
  /** The offset to go on from. */
  readonly position: number
  /** Records that are in the topic and not yet in the directory, as it was when it was last looked at. */
  readonly lag: number
}

/** What has landed since the start, by what it was. */
export interface LandedCounts {
  readonly events: number
  readonly poison: number
  /** Deleted by the broker before they were read. */
  readonly lost: number
}

const FIRST_REST_MS = 250
const LONGEST_REST_MS = 10_000

/** The files of a directory, and the partitions that this member has now. */
export class Landing {
  readonly counts = { events: 0, poison: 0, lost: 0 }
  readonly #directory: string
  readonly #limits: FileLimits
  readonly #identity: string
  readonly #letters: DeadLetters
  readonly #notify: Notify
  readonly #files = new Map<string, PartitionFile>()
  readonly #assigned = new Map<string, { high: number }>()
  readonly #turns = new Map<string, Promise<void>>()
  readonly #losses = new Map<string, KafkaLoss>()
  #isClosed = false
  /** Milliseconds of the monotonic clock. */
  takenAt = performance.now()

  constructor(options: {
    directory: string
    limits: FileLimits
    identity: string
    letters: DeadLetters
    notify: Notify
  }) {
    this.#directory = options.directory
    this.#limits = options.limits
    this.#identity = options.identity
    this.#letters = options.letters
    this.#notify = options.notify
  }

  async open(topics: readonly string[]): Promise<void> {
    for (const origin of await partitionsIn(this.#directory, topics)) await this.#fileOf(origin).open()
  }

  /** Where each partition begins that this member has been given. */
  begin(assigned: readonly AssignedPartition[]): number[] {
    this.takenAt = performance.now()
    this.#assigned.clear()
    return assigned.map((partition) => {
      const start = this.#startOf(partition)
      this.#fileOf(partition).skipTo(start)
      this.#assigned.set(keyOf(partition), { high: partition.high })
      return start
    })
  }

  #startOf({ topic, partition, low, high, committed }: AssignedPartition): number {
    const own = this.#fileOf({ topic, partition }).next
    // A member with another directory had the partition meanwhile, and has what it committed.
    const isAnothers = committed !== null && committed.metadata !== this.#identity
    if (!isAnothers && committed !== null && committed.offset > (own ?? 0))
      this.#notify(
        'directory-behind',
        `${topic}, partition ${partition}: the group has committed offset ${committed.offset} for this directory, which ends at ${own ?? 0}; it is read again from there.`,
      )
    const start = Math.max(own ?? 0, isAnothers ? committed.offset : 0)
    if (start > high) {
      throw new ExperimentError(
        'io',
        `${topic}, partition ${partition}, has landed up to offset ${start}, but ends at offset ${high}: the topic was made anew, or cut.`,
        'Find out who changed it; then go on with an empty directory and another groupId.',
      )
    }
    if (start >= low) return start
    if (own !== undefined || isAnothers) this.#lose({ topic, partition, from: start, until: low })
    return low
  }

  /** Fulfilled when the records are in the file: they are tried until they are, or until the end. */
  take(records: KafkaRecords, rangesOf: (topic: string) => Promise<readonly KafkaRange[]>): Promise<void> {
    const key = keyOf(records)
    // A member that was given up may still hold a batch: two never write one file at a time.
    const turn = (this.#turns.get(key) ?? Promise.resolve()).then(() => this.#store(records, rangesOf))
    this.#turns.set(key, turn)
    return turn
  }

  async #store(
    records: KafkaRecords,
    rangesOf: (topic: string) => Promise<readonly KafkaRange[]>,
  ): Promise<void> {
    const file = this.#fileOf(records)
    await this.#findLoss(file, records, rangesOf)
    for (let rest = FIRST_REST_MS; !this.#isClosed; rest = Math.min(2 * rest, LONGEST_REST_MS)) {
      try {
        const { content, counts } = await this.#render(file, records)
        await file.append(content, Math.max(records.next, file.next ?? 0))
        this.#losses.delete(keyOf(records))
        this.counts.events += counts.events
        this.counts.poison += counts.poison
        this.takenAt = performance.now()
        return
      } catch (cause) {
        this.#notify(
          'write-failed',
          `${records.topic}, partition ${records.partition}, cannot be written to ${this.#directory}: ${(cause as Error).message}. It is tried again.`,
        )
        await sleep(rest)
        // Who knows how much of it was written: opening the file again cuts what is torn, and says.
        await file.open().catch(() => undefined)
      }
    }
  }

  /** The lines of what is not in the file yet. */
  async #render(file: PartitionFile, { records }: KafkaRecords) {
    const { origin, next = 0 } = file
    const loss = this.#losses.get(keyOf(origin))
    const counts = { events: 0, poison: 0 }
    let content = loss === undefined ? '' : lossLine(loss)
    for (const record of records) {
      if (record.offset < next) continue
      const read = readRecord(record)
      if (read.poison === undefined) {
        counts.events++
        content += landedLine(origin, record, read)
        continue
      }
      counts.poison++
      const { offset } = record
      this.#notify(
        'poison',
        `${origin.topic}, partition ${origin.partition}, offset ${offset} is no event: ${read.poison}.`,
      )
      content += poisonLine(
        origin,
        record,
        read.poison,
        await this.#letters.send(origin, record, read.poison),
      )
    }
    return { content, counts }
  }

  /** Where the broker deleted what came next while it was being read, nobody else would say so. */
  async #findLoss(
    { next = 0 }: PartitionFile,
    { topic, partition, records }: KafkaRecords,
    rangesOf: (topic: string) => Promise<readonly KafkaRange[]>,
  ): Promise<void> {
    const first = records[0]?.offset ?? next
    if (first <= next) return
    const ranges = await rangesOf(topic).catch(() => [])
    const low = ranges.find((range) => range.partition === partition)?.low ?? 0
    // Else the offsets between are control records, or were compacted.
    if (low > next) this.#lose({ topic, partition, from: next, until: Math.min(first, low) })
  }

  #lose(loss: KafkaLoss): void {
    const { topic, partition, from, until } = loss
    this.#losses.set(keyOf(loss), loss)
    this.counts.lost += until - from
    this.#notify(
      'lost',
      `${topic}, partition ${partition}: offsets ${from} to ${until - 1} were deleted before they were read.`,
    )
  }

  noteRanges(ranges: readonly KafkaRange[]): void {
    for (const range of ranges) {
      const assigned = this.#assigned.get(keyOf(range))
      if (assigned !== undefined) assigned.high = range.high
    }
  }

  lag(): PartitionLag[] {
    return [...this.#assigned].map(([key, { high }]) => {
      const { origin, next = 0 } = this.#files.get(key)!
      return { ...origin, position: next, lag: Math.max(0, high - next) }
    })
  }

  async sync(): Promise<void> {
    for (const file of this.#files.values()) await file.sync()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.allSettled(this.#turns.values())
    for (const file of this.#files.values()) await file.close()
  }

  #fileOf({ topic, partition }: Origin): PartitionFile {
    const origin = { topic, partition }
    const key = keyOf(origin)
    const found = this.#files.get(key)
    if (found !== undefined) return found
    const file = new PartitionFile(this.#directory, origin, this.#limits)
    this.#files.set(key, file)
    return file
  }
}

function keyOf({ topic, partition }: Origin): string {
  return `${topic}/${partition}`
}

import { ExperimentError } from '@fairtrial/protocol/error'
import { limitsOf } from '../limits.ts'
import { refuseNoFunction } from '../refusals.ts'
import { type KafkaCursor, type KafkaLoss, type KafkaPortion, madeAnew, Portion } from './kafka-portion.ts'
import type { KafkaReader, KafkaReading, KafkaSpan, StoredRecord } from './kafka-reader.ts'
import { type LogTopics, logTopics } from './log-topics.ts'
import { refuseNoLibrary } from './refuse-no-library.ts'

/** Where a log is read from. */
export interface KafkaLogOptions {
  readonly library: KafkaReading
  /** Default `fairtrial.exposures.v1`, `fairtrial.outcomes.v1`, `fairtrial.summaries.v1`. */
  readonly topics?: Partial<LogTopics>
  /** A portion ends after about so many bytes. Default 64,000,000. */
  readonly maximumBytes?: number
  /** How long a broker may keep silent. Default 30,000. */
  readonly deadlineMs?: number
  /**
   * What to do where records were deleted before they were read. By default `readFrom` rejects; with this, it goes
   * on with what is left, and tells the loss here and in the portion.
   */
  readonly onLoss?: (loss: KafkaLoss) => void
}

/** The bounds of one read. */
export interface KafkaReadOptions {
  /** Reads no further than this. Default: to what stands there when the read begins. */
  readonly until?: KafkaCursor
  /**
   * Told each record, those that are no event too, as it was stored: for a digest. Partitions come in any order, each
   * in the order of its offsets.
   */
  readonly onRecord?: (topic: string, partition: number, record: StoredRecord) => void
}

/** A log in Kafka. */
export interface KafkaLog {
  /**
   * Reads on from a cursor to what stands in the topics at the time of the call; null reads from the oldest record.
   * Rejects `io` where records were lost or the topic was made anew, `unreachable` where no broker answers,
   * `misconfigured` where a topic is not there.
   */
  readFrom(cursor: KafkaCursor | null, options?: KafkaReadOptions): Promise<KafkaPortion>
  /** Leaves Kafka. */
  close(): Promise<void>
}

/**
 * Topics as the log of a controller: `createController({ log: kafkaLog({ library }), … })`. It commits nothing: the
 * position is the cursor, and whoever stores it in one write with what was made of the events counts each record
 * exactly once, however often it dies.
 *
 * @throws ExperimentError `invalid-argument` for no library, a name that no topic has, or a limit of 0
 */
export function kafkaLog(options: KafkaLogOptions): KafkaLog {
  const { library, onLoss, ...limits } = options
  refuseNoLibrary('kafkaLog', library, ['openReader'])
  refuseNoFunction('kafkaLog.onLoss', onLoss)
  const names = [...new Set(Object.values(logTopics(options.topics)))]
  const { maximumBytes, deadlineMs } = limitsOf(
    'kafkaLog',
    limits,
    { maximumBytes: 64_000_000, deadlineMs: 30_000 },
    ['maximumBytes', 'deadlineMs'],
  )
  const reader = library.openReader()
  let turn: Promise<unknown> = Promise.resolve()

  async function readFrom(
    cursor: KafkaCursor | null,
    { until, onRecord }: KafkaReadOptions,
  ): Promise<KafkaPortion> {
    const portion = new Portion(cursor, maximumBytes, onRecord)
    const spans: KafkaSpan[] = []
    for (const range of await reader.ranges(names, deadlineMs)) {
      const { topic, partition, low, high } = range
      const start = portion.readTo(topic, partition)
      if (start !== undefined && start.next > high) throw madeAnew(topic, partition, start.next, high)
      const end = until === undefined ? high : Math.min(high, until.topics[topic]?.[partition]?.next ?? 0)
      // What is not asked for now is not missed now.
      const left = Math.min(low, end)
      if (start !== undefined && start.next < left) tell({ topic, partition, from: start.next, until: left })
      const from = start === undefined ? low : Math.max(start.next, left)
      portion.begin(topic, partition, from, start)
      // Of a partition that is known, the record before is read again, to see that it is the same.
      const overlap = start?.at !== undefined && start.next > low && start.next < end ? 1 : 0
      if (from < end) spans.push({ topic, partition, from: from - overlap, until: end })
    }
    await reader.read(spans, (records) => portion.take(records), deadlineMs)
    for (const loss of await findLosses(reader, portion.gaps, deadlineMs)) tell(loss)
    return portion.finish(spans)

    function tell(loss: KafkaLoss): void {
      if (onLoss === undefined) throw lostRecords(loss)
      portion.lost.push(loss)
      onLoss(loss)
    }
  }

  return {
    readFrom(cursor, readOptions = {}) {
      const result = turn.then(() => readFrom(cursor, readOptions))
      turn = result.catch(() => undefined)
      return result
    },
    close: () => turn.then(() => reader.close()),
  }
}

/** Of the offsets that did not come, those that the broker has deleted meanwhile. */
async function findLosses(
  reader: KafkaReader,
  gaps: readonly KafkaLoss[],
  deadlineMs: number,
): Promise<KafkaLoss[]> {
  if (gaps.length === 0) return []
  const ranges = await reader.ranges([...new Set(gaps.map(({ topic }) => topic))], deadlineMs)
  const lows = new Map(ranges.map(({ topic, partition, low }) => [`${topic}/${partition}`, low]))
  return gaps.flatMap(({ topic, partition, from, until }) => {
    const low = lows.get(`${topic}/${partition}`) ?? 0
    return low > from ? [{ topic, partition, from, until: Math.min(low, until) }] : []
  })
}

function lostRecords({ topic, partition, from, until }: KafkaLoss): ExperimentError {
  return new ExperimentError(
    'io',
    `${until - from} records of ${topic}, partition ${partition}, offsets ${from} to ${until - 1}, were deleted before they were read.`,
    'Raise retention.ms of the topic above the longest stand-still of the reader. To go on with what is left, read with onLoss.',
  )
}

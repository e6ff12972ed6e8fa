import { mkdir, realpath } from 'node:fs/promises'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { ExperimentError } from '@fairtrial/protocol/error'
import { DeadLetters } from './dead-letters.ts'
import type { KafkaLibrary } from './kafka-library.ts'
import type { KafkaMember } from './kafka-reader.ts'
import { Landing, type LandedCounts, type PartitionLag } from './landing.ts'
import { type LandingNotice, type Notify, warnOfNotices } from './landing-notice.ts'
import { takeLock, type SpoolLock } from '../spool/spool-lock.ts'
import { systemFiles } from '../spool/spool-files.ts'
import { limitsOf } from '../limits.ts'
import { LONGEST_MS } from '../clock.ts'
import { refuseNoFunction, refuseNoText } from '../refusals.ts'
import { type LogTopics, logTopics } from './log-topics.ts'
import { refuseNoLibrary } from './refuse-no-library.ts'

/** Where topics land, and how. */
export interface KafkaSegmentsOptions {
  readonly library: KafkaLibrary
  /** Made when it is not there. One process at a time: several members of a group need several directories. */
  readonly directory: string
  readonly groupId: string
  /** Default `fairtrial.exposures.v1`, `fairtrial.outcomes.v1`, `fairtrial.summaries.v1`. */
  readonly topics?: Partial<LogTopics>
  /** A batch that would make a file larger goes into the next. Default 64,000,000. */
  readonly maximumSegmentBytes?: number
  /** One that comes when a file is so old does too: what is old can go file by file (`segmentRetention`). Default: never. */
  readonly maximumSegmentAgeMs?: number
  /** How long nothing may land while something is there, before the consumer is made anew. Default 60,000. */
  readonly stallMs?: number
  /** How long the group waits for a member that gives no sign: so long its partitions stand still. Default 10,000. */
  readonly sessionTimeoutMs?: number
  /** How often the lag is looked at. Default 5,000. */
  readonly lagMs?: number
  /** How often the disk is made to have it, and offsets are committed: for tools that show lag. Default 5,000. */
  readonly commitMs?: number
  /** Told every partition's lag, each time it was looked at: for a metric. */
  readonly onLag?: (lags: readonly PartitionLag[]) => void
  /** Told what an operator should know. Default: a warning of the process, of each kind once a minute. */
  readonly onNotice?: (notice: LandingNotice) => void
}

/** Topics that land in a directory. */
export interface KafkaSegments {
  /** Of the partitions that this member has; none while the group is being rebalanced. */
  lag(): readonly PartitionLag[]
  /** What has landed since the start. */
  counts(): LandedCounts
  /** How often the consumer was made anew since the start, for whatever reason. */
  restarts(): number
  /** Resolves after `close`; rejects where it cannot go on by itself: the topic was made anew. */
  readonly ended: Promise<void>
  /** Leaves the group. What was read is stored. */
  close(): Promise<void>
}

const DEFAULTS = {
  maximumSegmentBytes: 64_000_000,
  maximumSegmentAgeMs: Infinity,
  stallMs: 60_000,
  sessionTimeoutMs: 10_000,
  lagMs: 5_000,
  commitMs: 5_000,
}
const LIMITS = Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[]
const ASK_MS = 10_000
const FIRST_REST_MS = 500
const LONGEST_REST_MS = 30_000

/**
 * Lands topics in a directory of segments, one series of files a partition, until it is closed. Each line carries the
 * offset that it came from, so that one write stores the event and the position: whenever the process is killed, it
 * goes on behind the last complete line, and nothing is lost or there twice. What the group commits is for tools that
 * show lag, and for a member with another directory that takes a partition over.
 *
 * Rejects `invalid-argument` for options that cannot be meant, `refused` where another process has the directory, `io`
 * where the directory holds what it did not write.
 */
export async function kafkaSegments(options: KafkaSegmentsOptions): Promise<KafkaSegments> {
  const { library, directory, groupId, onLag, onNotice, ...limits } = options
  refuseNoLibrary('kafkaSegments', library, ['openReader', 'joinGroup', 'openProducer'])
  refuseNoText('kafkaSegments.directory', directory, 'Give one of this process alone; it need not be there.')
  refuseNoText('kafkaSegments.groupId', groupId, 'Name the group, the same for all its members.')
  refuseNoFunction('kafkaSegments.onLag', onLag)
  refuseNoFunction('kafkaSegments.onNotice', onNotice)
  const { maximumSegmentBytes, maximumSegmentAgeMs, stallMs, sessionTimeoutMs, lagMs, commitMs } = limitsOf(
    'kafkaSegments',
    limits,
    DEFAULTS,
    LIMITS,
  )
  const names = [...new Set(Object.values(logTopics(options.topics)))]
  const notify: Notify =
    onNotice === undefined ? warnOfNotices() : (kind, detail) => onNotice({ kind, detail })
  await mkdir(directory, { recursive: true })
  const identity = `${hostname()}:${await realpath(directory)}`
  const letters = new DeadLetters(library, (topic, { message }) =>
    notify('dead-letters-failed', `Nothing could be put into ${topic}: ${message}`),
  )
  const files = { maximumBytes: maximumSegmentBytes, maximumAgeMs: maximumSegmentAgeMs }
  const landing = new Landing({ directory, limits: files, identity, letters, notify })
  const lock = await holdDirectory(directory)
  try {
    await landing.open(names)
  } catch (cause) {
    await landing.close()
    await lock.release()
    throw cause
  }
  const reader = library.openReader()
  let end = (): void => undefined
  let fail: (cause: Error) => void = end
  const ended = new Promise<void>((resolve, reject) => {
    end = resolve
    fail = reject
  })
  ended.catch(() => undefined)
  let member: KafkaMember | undefined
  let again: NodeJS.Timeout | undefined
  let restMs = FIRST_REST_MS
  let isClosed = false
  let isIn = false
  let wasIn = false
  let restarts = 0
  const startedAt = performance.now()
  let committed = new Map<string, number>()

  function join(): void {
    if (isClosed) return
    landing.takenAt = performance.now()
    isIn = false
    const mine = library.joinGroup({
      groupId,
      topics: names,
      sessionTimeoutMs,
      begin(assigned) {
        isIn = wasIn = true
        return landing.begin(assigned)
      },
      async take(records) {
        restMs = FIRST_REST_MS
        await landing.take(records, (topic) => reader.ranges([topic], ASK_MS))
      },
      onEnd(cause, isPassing = false) {
        const isStarting = isPassing && !wasIn && performance.now() - startedAt <= stallMs
        if (member === mine) joinAgain(isStarting ? 'starting' : 'ended', cause)
      },
    })
    member = mine
    committed = new Map()
  }

  function joinAgain(kind: 'starting' | 'ended' | 'stalled', cause: Error): void {
    const old = member
    member = undefined
    old?.close().catch(() => undefined)
    if (cause instanceof ExperimentError && cause.code === 'io') return stop(cause)
    restarts++
    const why = cause.message.replace(/\.?$/, '.')
    notify(
      kind,
      `The consumer of group ${groupId} ${kind === 'stalled' ? 'stood still' : 'ended'}: ${why} It is made anew.`,
    )
    again = setTimeout(join, restMs)
    restMs = Math.min(2 * restMs, LONGEST_REST_MS)
  }

  async function lookAtLag(): Promise<void> {
    if (lock.failure instanceof ExperimentError) return stop(lock.failure)
    landing.noteRanges(await reader.ranges(names, ASK_MS))
    const lags = landing.lag()
    onLag?.(lags)
    const hasMore = !isIn || lags.some(({ lag }) => lag > 0)
    if (!hasMore) landing.takenAt = performance.now()
    const silentMs = performance.now() - landing.takenAt
    if (member === undefined || silentMs <= stallMs) return
    const what = isIn ? 'nothing was read, though more is there,' : 'it was not let in'
    joinAgain('stalled', new Error(`${what} for ${Math.round(silentMs / 1_000)} s.`))
  }

  async function commit(): Promise<void> {
    const positions = landing
      .lag()
      .filter(({ topic, partition, position }) => committed.get(`${topic}/${partition}`) !== position)
    if (member === undefined || positions.length === 0) return
    // What others go by must survive a power cut.
    await landing.sync()
    await member.commit(
      positions.map(({ topic, partition, position }) => ({
        topic,
        partition,
        offset: position,
        metadata: identity,
      })),
    )
    for (const { topic, partition, position } of positions) committed.set(`${topic}/${partition}`, position)
  }

  const timers = [repeat(lookAtLag, lagMs), repeat(commit, commitMs)]
  join()

  async function release(): Promise<void> {
    isClosed = true
    clearTimeout(again)
    for (const stopTimer of timers) stopTimer()
    await commit().catch(() => undefined)
    await Promise.allSettled([member?.close(), letters.close(), reader.close()])
    await landing.close()
    await lock.release()
  }

  let released: Promise<void> | undefined
  function stop(cause?: Error): void {
    released ??= release().then(() => (cause === undefined ? end() : fail(cause)))
  }

  return {
    lag: () => landing.lag(),
    counts: () => ({ ...landing.counts }),
    restarts: () => restarts,
    ended,
    async close() {
      stop()
      await released
    },
  }
}

async function holdDirectory(directory: string): Promise<SpoolLock> {
  try {
    return await takeLock(systemFiles, directory)
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 'refused') throw cause
    throw new ExperimentError(
      'refused',
      `Another consumer lands topics in ${directory}.`,
      'Give each member of the group a directory of its own, and read all of them as one log.',
      { cause },
    )
  }
}

/** Does something again and again, never twice at a time; that it fails now and then is no news. */
function repeat(work: () => Promise<void>, everyMs: number): () => void {
  const stop = new AbortController()
  const loop = async () => {
    while (!stop.signal.aborted) {
      await sleep(Math.min(everyMs, LONGEST_MS), undefined, { signal: stop.signal })
      await work().catch(() => undefined)
    }
  }
  loop().catch(() => undefined)
  return () => stop.abort()
}

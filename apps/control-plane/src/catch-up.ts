import type { PartitionLag } from '@fairtrial/exposure/kafka'

/**
 * Follows topics until all that stood in them has landed: at the start, and from then on within a patience. Until then some
 * partitions are further than others: exposures without their outcomes, which look like harm.
 */
export interface CatchUp {
  /** Takes the lag of all partitions, as it was just looked at. The first one says where the start's end was. */
  note(lags: readonly PartitionLag[]): void
  /** Records that are left of those that stood there at the start; null while nobody has looked. */
  left(lags: readonly PartitionLag[]): number | null
  /** What has not landed within the patience since then, in a sentence; null where nothing is late. */
  late(lags: readonly PartitionLag[]): string | null
  /** Topics that something is missing of, by either of these; all of them where nobody knows. */
  behind(topics: readonly string[]): readonly string[]
  /** Whether what stood there at the start may still take its time. */
  isStarting(): boolean
}

/** What stood in a partition: all before `end`, seen at `at`. */
interface Mark {
  readonly end: number
  readonly at: number
}

interface Followed {
  readonly topic: string
  readonly partition: number
  position: number
  end: number
  /** What has not landed, the oldest first. */
  readonly marks: Mark[]
}

/** Between two marks of a partition: what comes in between is marked so much later. */
const MARK_MS = 1_000
/** More than these, and every other one is forgotten: of a long time nobody needs to know each second. */
const MAXIMUM_MARKS = 1_000

/**
 * @param options.patienceMs how long what stood in a topic may take to land
 * @param options.now epoch milliseconds that only grow
 */
export function createCatchUp(options: { readonly patienceMs: number; readonly now: () => number }): CatchUp {
  const { patienceMs, now } = options
  const followed = new Map<string, Followed>()
  const begunAt = now()
  let toldAt = begunAt
  let starts: ReadonlyMap<string, number> | null = null
  let isLanded = false

  /** While a group is rebalanced, a partition that was taken away has not been read. */
  function follow(lags: readonly PartitionLag[]): void {
    for (const { topic, partition, position, lag } of lags) {
      const name = `${topic}/${partition}`
      const found = followed.get(name) ?? { topic, partition, position, end: 0, marks: [] }
      followed.set(name, found)
      found.position = position
      found.end = position + lag
      while (found.marks[0] !== undefined && found.marks[0].end <= position) found.marks.shift()
    }
  }

  function mark({ position, end, marks }: Followed, at: number): void {
    const last = marks.at(-1) ?? { end: position, at: Number.NEGATIVE_INFINITY }
    if (end <= last.end || at - last.at < MARK_MS) return
    if (marks.length >= MAXIMUM_MARKS) marks.splice(0, marks.length, ...marks.filter((_, i) => i % 2 === 0))
    marks.push({ end, at })
  }

  const hasLeft = (end: number, name: string) => end > (followed.get(name)?.position ?? 0)

  return {
    behind(topics) {
      const since = now() - patienceMs
      if (starts === null || toldAt < since) return topics
      const left = isLanded
        ? []
        : [...starts].filter(([name, end]) => hasLeft(end, name)).map(([name]) => name)
      return topics.filter((topic) =>
        [...followed].some(
          ([name, partition]) =>
            partition.topic === topic && (left.includes(name) || (partition.marks[0]?.at ?? since) < since),
        ),
      )
    },
    isStarting: () => !isLanded && now() - begunAt < patienceMs,
    note(lags) {
      if (lags.length === 0) return
      toldAt = now()
      follow(lags)
      for (const partition of followed.values()) mark(partition, toldAt)
      starts ??= new Map([...followed].map(([name, { end }]) => [name, end]))
    },
    left(lags) {
      if (isLanded) return 0
      if (starts === null) return null
      follow(lags)
      const left = [...starts].reduce(
        (sum, [name, end]) => sum + Math.max(0, end - (followed.get(name)?.position ?? 0)),
        0,
      )
      isLanded = left === 0
      return left
    },
    late(lags) {
      follow(lags)
      if (!isLanded) return null
      const since = now() - patienceMs
      const late = [...followed.values()]
        .filter(({ marks }) => (marks[0]?.at ?? since) < since)
        .toSorted((one, other) => (one.marks[0]?.at ?? 0) - (other.marks[0]?.at ?? 0))
      const [first, ...others] = late
      if (first !== undefined) return sayLate(first, others.length)
      return toldAt < since ? `Kafka has not told since ${iso(toldAt)} what stands in its topics.` : null
    },
  }
}

function sayLate({ topic, partition, position, end, marks }: Followed, others: number): string {
  const [{ at, end: stood } = { at: 0, end }] = marks
  const more = others === 0 ? '' : ` So do ${others} other partitions.`
  return (
    `${topic}, partition ${partition}, lags: ${count(stood - position)} that stood there at ${iso(at)} ` +
    `have not landed, and it is ${count(end - position)} behind.${more}`
  )
}

const count = (records: number) => (records === 1 ? '1 record' : `${records.toLocaleString('en-US')} records`)
const iso = (at: number) => new Date(at).toISOString()

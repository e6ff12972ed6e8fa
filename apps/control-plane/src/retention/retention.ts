import type { RetentionOptions, RetentionRun } from '@fairtrial/exposure/segments'
import { runningSince, type StateStore } from '@fairtrial/rollout/controller'
import { createCounter } from '../metrics/counter.ts'
import type { Metric } from '../metrics/metric.ts'
import type { TrailFact } from '../trail/chain.ts'
import { plain } from '../trail/fact-of.ts'

/** A log of which the old goes. */
export interface RetainedLog {
  /** As the trail and the metrics call it. */
  readonly name: string
  /** Ends a run that was killed. */
  finish(): Promise<void>
  run(options: RetentionOptions): Promise<RetentionRun>
}

export interface RetentionPorts {
  readonly logs: readonly RetainedLog[]
  /** Milliseconds. */
  readonly olderThanMs: number
  /** Says what runs. */
  readonly store: Pick<StateStore, 'read'>
  /** Resolves when it is durable: nothing goes before. */
  readonly record: (fact: TrailFact) => Promise<unknown>
  /** Epoch milliseconds that only grow. */
  readonly now: () => number
  readonly log: (line: string) => void
  /** Milliseconds between two runs. Default an hour. */
  readonly everyMs?: number
}

/** Lets go, every hour, of what the logs have kept for long enough. */
export interface Retention {
  /** Before a log is read from its beginning: of what was going, nothing must be half there. */
  finish(): Promise<void>
  start(): void
  metrics(): readonly Metric[]
  /** Waits for a run that is under way. */
  close(): Promise<void>
}

const HOUR_MS = 3_600_000
/** After the start, when the loops have read their logs. */
const FIRST_AFTER_MS = 60_000
/** An entry of the trail tells of so many at most. */
const SEGMENTS_AN_ENTRY = 100
const BY = 'controller'

export function createRetention(ports: RetentionPorts): Retention {
  const { logs, olderThanMs, store, record, now, log, everyMs = HOUR_MS } = ports
  const segments = createCounter('fairtrial_retention_segments_total', 'Segments that went by retention.')
  const events = createCounter('fairtrial_retention_events_total', 'Events that went by retention.')
  const failures = createCounter('fairtrial_retention_failures_total', 'Runs of the retention that failed.')
  const failing = new Set<string>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let running: Promise<void> = Promise.resolve()

  async function retain({ name, run }: RetainedLog): Promise<void> {
    const at = now()
    const { removed } = await run({
      olderThanMs,
      now: at,
      by: BY,
      runningSince: (experiment) => runningSince(store, experiment),
      // Of a run that is killed the trail may tell twice, and never not at all.
      async announce({ removed, before }) {
        for (let i = 0; i < removed.length; i += SEGMENTS_AN_ENTRY) {
          const going = { removed: removed.slice(i, i + SEGMENTS_AN_ENTRY), before }
          await record(factOf(name, at, olderThanMs, going))
        }
      },
    })
    if (removed.length === 0) return
    const count = sum(removed, 'events')
    segments.add({ log: name }, removed.length)
    events.add({ log: name }, count)
    log(`${name}: ${removed.length} segments, ${count} events, have gone by retention.`)
  }

  async function retainAll(): Promise<void> {
    for (const each of logs) {
      try {
        await retain(each)
        if (failing.delete(each.name)) log(`${each.name}: the retention works again.`)
      } catch (error) {
        failures.add({ log: each.name })
        if (!failing.has(each.name))
          log(`${each.name}: nothing goes by retention: ${(error as Error).message}`)
        failing.add(each.name)
      }
    }
  }

  function wait(ms: number): void {
    const due = () => {
      running = retainAll()
      void running.then(() => wait(everyMs))
    }
    if (timer !== CLOSED) timer = setTimeout(due, ms).unref()
  }

  return {
    async finish() {
      for (const { finish } of logs) await finish()
    },
    start: () => wait(Math.min(FIRST_AFTER_MS, everyMs)),
    metrics: () => [segments.read(), events.read(), failures.read()],
    async close() {
      clearTimeout(timer)
      timer = CLOSED
      await running
    },
  }
}

/** No timer is this one. */
const CLOSED = {} as ReturnType<typeof setTimeout>

/** What the trail keeps: no unit, and of each segment what tells it from any other. */
function factOf(
  name: string,
  at: number,
  olderThanMs: number,
  { removed, before }: Pick<RetentionRun, 'removed' | 'before'>,
): TrailFact {
  const count = sum(removed, 'events')
  const days = Math.round(olderThanMs / 86_400_000)
  const detail = {
    detail: `${removed.length} segments of ${name} with ${count} events go, which are older than ${days} days.`,
    log: name,
    olderThanMs,
    before,
    events: count,
    bytes: sum(removed, 'bytes'),
    segments: removed.map(({ name, events, bytes, firstAt, lastAt, sha256, experiments }) => ({
      name,
      events,
      bytes,
      firstAt,
      lastAt,
      sha256,
      experiments,
    })),
  }
  return { at, by: BY, role: BY, kind: 'retention', experiment: null, detail: plain(detail) }
}

function sum(removed: RetentionRun['removed'], field: 'events' | 'bytes'): number {
  return removed.reduce((total, each) => total + each[field], 0)
}

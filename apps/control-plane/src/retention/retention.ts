import type { RetentionOptions, RetentionRun } from '@fairtrial/exposure/segments'
import { createCounter } from '../metrics/counter.ts'
import type { Metric } from '../metrics/metric.ts'
import type { TrailFact } from '../trail/chain.ts'
import { plain } from '../trail/fact-of.ts'
import { type Overdue, overdueMetrics, overdueOf, sayOverdue } from './overdue.ts'
import { type RunningPhases, runningPhases, type RunningPorts } from './running-phases.ts'

/** A log of which the old goes. */
export interface RetainedLog {
  /** As the trail and the metrics call it. */
  readonly name: string
  /** Ends a run that was killed. */
  finish(): Promise<void>
  /** `more`: where there is more to go at once. */
  run(options: RetentionOptions): Promise<RetentionRun & { readonly more?: boolean }>
}

export interface RetentionPorts extends RunningPorts {
  readonly logs: readonly RetainedLog[]
  /** Milliseconds. */
  readonly olderThanMs: number
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
  const { logs, olderThanMs, record, now, log, everyMs = HOUR_MS } = ports
  const segments = createCounter('fairtrial_retention_segments_total', 'Segments that went by retention.')
  const events = createCounter('fairtrial_retention_events_total', 'Events that went by retention.')
  const failures = createCounter('fairtrial_retention_failures_total', 'Runs of the retention that failed.')
  const failing = new Set<string>()
  const overdue = new Map<string, readonly Overdue[]>()
  /** By log, of what was told that it is past its time. */
  const told = new Map<string, string>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let running: Promise<void> = Promise.resolve()

  async function retain(retained: RetainedLog, phases: RunningPhases): Promise<void> {
    const { name } = retained
    const at = now()
    const { removed, stay, more } = await retained.run({
      olderThanMs,
      now: at,
      by: BY,
      runningSince: phases.since,
      experiments: await phases.experiments(),
      // Of a run that is killed the trail may tell twice, and never not at all.
      async announce({ removed, before }) {
        for (let i = 0; i < removed.length; i += SEGMENTS_AN_ENTRY) {
          const going = { removed: removed.slice(i, i + SEGMENTS_AN_ENTRY), before }
          await record(factOf(name, at, olderThanMs, going))
        }
      },
    })
    if (removed.length > 0) {
      const count = sum(removed, 'events')
      segments.add({ log: name }, removed.length)
      events.add({ log: name }, count)
      log(`${name}: ${removed.length} segments, ${count} events, have gone by retention.`)
    }
    if (more === true) await retain(retained, phases)
    else await tellOverdue(name, at, overdueOf(stay, at - olderThanMs))
  }

  /** A promise that is not kept: it is told whenever the reasons are others. */
  async function tellOverdue(name: string, at: number, found: readonly Overdue[]): Promise<void> {
    overdue.set(name, found)
    const reasons = found
      .map(({ reason, because }) => `${reason} ${because}`)
      .toSorted()
      .join()
    if (reasons === (told.get(name) ?? '')) return
    if (found.length > 0) {
      const detail = `Segments of ${name} are older than ${daysOf(olderThanMs)} days and stay: ${sayOverdue(found)}.`
      await record(retentionFact(at, { detail, log: name, olderThanMs, overdue: found }))
      log(detail)
    }
    told.set(name, reasons)
  }

  async function retainAll(): Promise<void> {
    // One for all logs: exposures may stand in one of them, and the outcomes of the same units in another.
    const phases = runningPhases(ports)
    for (const each of logs) {
      try {
        await retain(each, phases)
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
    metrics: () => [segments.read(), events.read(), failures.read(), ...overdueMetrics(overdue)],
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
  const detail = {
    detail: `${removed.length} segments of ${name} with ${count} events go, which are older than ${daysOf(olderThanMs)} days.`,
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
  return retentionFact(at, detail)
}

function retentionFact(at: number, detail: object): TrailFact {
  return { at, by: BY, role: BY, kind: 'retention', experiment: null, detail: plain(detail) }
}

function daysOf(ms: number): number {
  return Math.round(ms / 86_400_000)
}

function sum(removed: RetentionRun['removed'], field: 'events' | 'bytes'): number {
  return removed.reduce((total, each) => total + each[field], 0)
}

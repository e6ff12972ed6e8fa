import { join } from 'node:path'
import {
  type Experiment,
  refuseCollisions,
  type ServedReport,
  type TransitionEvent,
} from '@fairtrial/protocol'
import { type StateStore, steadyTime, systemClock, type TickResult } from '@fairtrial/rollout/controller'
import type { RolloutCard, RolloutList, RolloutView } from '@fairtrial/rollout'
import type { Role } from './access/caller.ts'
import { createIngest, type Ingest, type IngestCounts } from './ingest.ts'
import { createInstances } from './instances.ts'
import { type KeptDefinitions, keptDefinitions } from './kept-definitions.ts'
import { createLeases, type Lease, tooManyInstances } from './leases.ts'
import type { LandedTopics } from './land-topics.ts'
import { noteLongestLease } from './longest-lease.ts'
import type { PlaneNotice, Tell } from './notice.ts'
import type { OpenedStore } from './open-store.ts'
import { holdAborts } from './pending-aborts.ts'
import { openPlaneLog } from './plane-log.ts'
import { keptFor, type Obstacle, unreadinessOf } from './readiness.ts'
import { refuseUngated } from './refuse-ungated.ts'
import { Refused } from './refused.ts'
import { watchRollback } from './rollback-watch.ts'
import { cardOf, type Glance } from './rollout-card.ts'
import { type RolloutLoop, startLoop } from './rollout-loop.ts'
import { type Order, takeOrder } from './take-orders.ts'
import { STORE_PATIENCE_MS, within } from './within.ts'

export interface PlaneOptions {
  readonly experiments: readonly Experiment[]
  /** Holds the log, the states with their journal, and what was started. Of one control plane at a time. */
  readonly directory: string
  /** How long a client may serve from what it was told: the bound on an abort that does not reach it. */
  readonly leaseMs: number
  readonly tickMs: number
  /** What to do with a definition that is not the one that was started. */
  readonly onChangedDefinition: 'refuse' | 'new-phase'
  /** The policy of whoever runs this: no plan is taken up that asks for no readiness report. Default false. */
  readonly requireReadiness?: boolean
  /** How long a file of what is sent here is written to. Default: until it is full. */
  readonly maximumSegmentAgeMs?: number
  /** Told of what an operator should know. */
  readonly log: (line: string) => void
  /** Told of all that happens. */
  readonly tell?: Tell
  /** Up to which revision that was told in an earlier life; null where nothing is known of one. */
  readonly knownRevision?: (experiment: string) => number | null
  /** Where the state is kept. Whoever opened it closes it, after the plane. */
  readonly opened: OpenedStore
  /** Where events come from beside those that are sent here. */
  readonly landed?: LandedTopics
}

/** Everything the control plane does, without its HTTP face. */
export interface Plane {
  readonly experiments: readonly Experiment[]
  readonly leaseMs: number
  readonly tickMs: number
  /** Epoch milliseconds that only grow. */
  now(): number
  /** The states, on a lease of `leaseMs` to each of the instances. */
  lease(instanceIds: readonly string[]): Promise<Lease>
  readonly ingest: Ingest
  /** Lines taken in since the start, by what became of them. */
  ingestCounts(): IngestCounts
  served(report: ServedReport): void
  view(key: string): Promise<RolloutView>
  rollouts(): Promise<RolloutList>
  /** The last turn of each loop. */
  lastTicks(): readonly { readonly experiment: Experiment; readonly result: TickResult }[]
  /** An abort needs the store and nothing else: no loop, no log. */
  order(key: string, order: Order, role: Role): Promise<TransitionEvent>
  /** Instances that hold a lease or lately held one. */
  instanceCount(): number
  /** What stands in the way of doing the job; of the last second. */
  unreadiness(): Promise<readonly Obstacle[]>
  close(): Promise<void>
}

/** An order waits for a store that is slow, but not for ever: whoever gave it has to know. */
const ORDER_MS = 8_000
const MAY_BE_STORED =
  'It may still store what it was sent: look at the state before the order is given again.'

/** Starts the loop of each experiment. Rejects, and leaves nothing running, where one cannot be taken up. */
export async function startPlane(options: PlaneOptions): Promise<Plane> {
  refuseCollisions(options.experiments)
  if (options.requireReadiness === true) refuseUngated(options.experiments)
  const { experiments, directory, leaseMs, tickMs, onChangedDefinition, opened, landed, log } = options
  const { store } = opened
  const now = steadyTime(systemClock)
  const startedAt = now()
  const tell = safely(options.tell, log)
  const definitions = keptDefinitions(join(directory, 'definitions'))
  const keepServing = experiments.filter(({ whenStateLapses }) => whenStateLapses === 'keep-serving')
  const instances = createInstances(new Set(keepServing.map(({ key }) => key)))
  const table = opened.eventLog
  const eventLog = openPlaneLog({
    directory,
    ...(table !== undefined && { table }),
    ...(landed !== undefined && { landed: landed.events }),
    ...(options.maximumSegmentAgeMs !== undefined && { maximumSegmentAgeMs: options.maximumSegmentAgeMs }),
  })
  const { ingest, counts: ingestCounts } = createIngest({ now, append: eventLog.append })
  const recordsCompleteFrom = startedAt + (await noteLongestLease(join(directory, 'leases.json'), leaseMs))
  const retiredRevisions = await revisionsOfRetired(store, definitions, experiments)
  const aborts = await holdAborts(log, opened.alarm)
  const loops = new Map<string, RolloutLoop>()
  const begun = new Set<string>()
  try {
    for (const experiment of experiments) loops.set(experiment.key, await takeUp(experiment))
  } catch (error) {
    await stop()
    throw error
  }
  const unwatch = await store.watch?.((key) => {
    for (const loop of loops.values()) {
      if (key === null || key === loop.experiment.key) loop.journal.look()
    }
  })
  const lease = createLeases({
    store,
    experiments,
    begun,
    instances,
    leaseMs,
    retiredRevisions,
    // What nobody here can judge may harm whom it likes: no lease is granted on it.
    withheld: () => aborts.withheld() ?? foreign(),
    now,
  })
  opened.leadWhile?.(() => foreign() === null)

  /** Why this replica can judge not all that runs; null where it can. */
  function foreign(): string | null {
    return [...loops.values()].map((loop) => loop.foreign()).find((why) => why !== null) ?? null
  }

  async function takeUp(experiment: Experiment): Promise<RolloutLoop> {
    const { key } = experiment
    const before = await store.read(key)
    const edits =
      before === null ? [] : await definitions.check(experiment, before, onChangedDefinition === 'new-phase')
    if (edits.length > 0) log(`${key}: goes on with safe edits: ${edits.join(', ')}.`)
    const loop = await startLoop({
      experiment,
      events: eventLog.events,
      store,
      // What is to be aborted goes nowhere else, should the store take something again before it takes the abort.
      lease: { current: () => (aborts.waiting(key) === null ? opened.lease.current() : null) },
      // What stood in the topics at the start may take its time to land: that alone holds nothing.
      ...(landed !== undefined && {
        consecutiveErrorLimit: Math.max(4, Math.ceil(landed.patienceMs / tickMs)),
      }),
      tickMs,
      onChangedDefinition,
      toldUpTo: options.knownRevision?.(key) ?? before?.revision ?? 0,
      rollback: watchRollback({
        experiment,
        instances: instances.list,
        recordsCompleteFrom,
        recordsSince: () => Math.max(startedAt, instances.completeSince()),
        hasReplicas: opened.hasReplicas,
        leaseMs,
        now,
        log,
        onProof: (proof) => tell({ kind: 'proof', at: now(), experiment: key, proof }),
      }),
      log,
      tell,
    })
    await definitions.keep(experiment)
    const state = await store.read(key)
    if (state === null) return loop
    begun.add(key)
    tell({ kind: 'definition', at: now(), experiment, state, edits })
    return loop
  }

  /** An abort that waits is what matters most of all that goes wrong. */
  function withAbort<T extends Glance>(seen: T): T {
    const why = aborts.waiting(seen.experiment.key)
    return why === null ? seen : { ...seen, error: why }
  }

  function loopOf(key: string): RolloutLoop {
    const loop = loops.get(key)
    if (loop) return loop
    throw new Refused(404, 'unknown-experiment', `There is no experiment ${JSON.stringify(key)} here.`, {
      remedy: 'Check the key.',
    })
  }

  async function stop(): Promise<void> {
    await aborts.close()
    await Promise.all([...loops.values()].map((loop) => loop.stop()))
    await eventLog.close()
  }

  return {
    experiments,
    leaseMs,
    tickMs,
    now,
    lease,
    ingest,
    ingestCounts,
    served(report) {
      const known = report.experiments.filter(({ experiment }) => loops.has(experiment))
      // From the future it would count as the newest for as long as that lies ahead.
      const receivedAt = now()
      const reportedAt = Math.min(report.reportedAt, receivedAt)
      const noted = instances.report({ ...report, reportedAt, experiments: known }, receivedAt)
      if (!noted) throw tooManyInstances()
    },
    view: async (key) => withAbort(await loopOf(key).view()),
    async rollouts() {
      const glances = await Promise.all(
        [...loops.values()].map(async (loop) => withAbort(await loop.glance())),
      )
      return { schema: 'fairtrial.rollouts/1', rollouts: glances.map(cardOf).toSorted(byKey) }
    },
    lastTicks: () =>
      [...loops.values()].flatMap(({ experiment, lastTick }) => {
        const result = lastTick()
        return result === null ? [] : [{ experiment, result }]
      }),
    async order(key, order, role) {
      const { experiment, journal, lastTick } = loopOf(key)
      // Before it is made: a turn of the loop may be the first to tell it.
      journal.noteRole(order.by, role)
      const take = () => {
        const last = lastTick()?.decision ?? null
        return within(ORDER_MS, takeOrder(store, experiment, { ...order, now: now(), last }), MAY_BE_STORED)
      }
      const transition = await (order.action === 'abort' ? aborts.attempt(key, take) : take())
      const { revision } = transition.to
      log(`${key}: ${order.action} by ${JSON.stringify(order.by)}: ${JSON.stringify(order.reason)}`)
      await within(STORE_PATIENCE_MS, journal.catchUp(revision)).catch(() => undefined)
      return transition
    },
    instanceCount: instances.count,
    unreadiness: keptFor(async () => {
      const parts = { store, loops: [...loops.values()], log: eventLog, tickMs, now }
      const why = landed?.failure() ?? null
      // Topics that lag are evidence that is missing, which holds; whoever asks for state, or orders an abort, is served.
      const topics = why === null ? [] : [{ what: 'Topics are read no more', why }]
      return [...(await unreadinessOf(parts)), ...topics]
    }, now),
    async close() {
      await unwatch?.()
      await stop()
    },
  }
}

/** Revisions of experiments that are no longer run: without them a snapshot's revision would go back. */
async function revisionsOfRetired(
  store: StateStore,
  definitions: KeptDefinitions,
  experiments: readonly Experiment[],
): Promise<number> {
  const known = new Set(experiments.map(({ key }) => key))
  const keys = (await definitions.keys()).filter((key) => !known.has(key))
  const states = await Promise.all(keys.map((key) => store.read(key)))
  return states.reduce((sum, state) => sum + (state?.revision ?? 0), 0)
}

function byKey(a: RolloutCard, b: RolloutCard): number {
  return a.experiment < b.experiment ? -1 : 1
}

/** Whoever is told may fail, but not the rollout with them. */
function safely(tell: Tell | undefined, log: (line: string) => void): Tell {
  return (notice: PlaneNotice) => {
    try {
      tell?.(notice)
    } catch (error) {
      log(`what happened could not be told: ${(error as Error).message}`)
    }
  }
}

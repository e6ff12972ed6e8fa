import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { segmentLog, segmentSink } from '@fairtrial/exposure/segments'
import {
  type Experiment,
  ExperimentError,
  refuseCollisions,
  type ServedReport,
  type Snapshot,
  type TransitionEvent,
} from '@fairtrial/protocol'
import {
  abortRollout,
  fileStateStore,
  type StateStore,
  steadyTime,
  systemClock,
} from '@fairtrial/rollout/controller'
import { createIngest, type Ingest } from './ingest.ts'
import { createInstances } from './instances.ts'
import { keptDefinitions } from './kept-definitions.ts'
import { noteLongestLease } from './longest-lease.ts'
import { Refused } from './refused.ts'
import { watchRollback } from './rollback-watch.ts'
import { type RolloutLoop, startLoop } from './rollout-loop.ts'
import type { RolloutView } from './rollout-view.ts'

export interface PlaneOptions {
  readonly experiments: readonly Experiment[]
  /** Holds the log, the states with their journal, and what was started. Of one control plane at a time. */
  readonly directory: string
  /** How long a client may serve from what it was told: the bound on an abort that does not reach it. */
  readonly leaseMs: number
  readonly tickMs: number
  /** What to do with a definition that is not the one that was started. */
  readonly onChangedDefinition: 'refuse' | 'new-phase'
  /** Told of what an operator should know. */
  readonly log: (line: string) => void
}

/** Everything the control plane does, without its HTTP face. */
export interface Plane {
  /** The states, on a lease of `leaseMs`. */
  lease(instanceId: string | null): Promise<Lease>
  readonly ingest: Ingest
  served(report: ServedReport): void
  view(key: string): Promise<RolloutView>
  /** Needs the store and nothing else: no loop, no log. */
  abort(key: string, by: string, reason: string): Promise<TransitionEvent>
  close(): Promise<void>
}

interface Lease {
  readonly snapshot: Snapshot
  /** Of the states, whenever they were read. */
  readonly etag: string
  readonly leaseMs: number
}

/** Starts the loop of each experiment. Rejects, and leaves nothing running, where one cannot be taken up. */
export async function startPlane(options: PlaneOptions): Promise<Plane> {
  const { experiments, directory, leaseMs, tickMs, onChangedDefinition, log } = options
  refuseCollisions(experiments)
  const now = steadyTime(systemClock)
  const startedAt = now()
  const store = fileStateStore({ directory: join(directory, 'state') })
  const definitions = keptDefinitions(join(directory, 'definitions'))
  const instances = createInstances()
  const sink = segmentSink({ directory: join(directory, 'log'), producerId: 'control-plane' })
  const ingest = createIngest({ now, append: async (batch) => void (await sink.deliver(batch)) })
  const recordsCompleteFrom = startedAt + (await noteLongestLease(join(directory, 'leases.json'), leaseMs))
  const retired = await retiredRevisions()
  const loops = new Map<string, RolloutLoop>()
  try {
    for (const experiment of experiments) loops.set(experiment.key, await takeUp(experiment))
  } catch (error) {
    await close()
    throw error
  }

  async function takeUp(experiment: Experiment): Promise<RolloutLoop> {
    const state = await store.read(experiment.key)
    if (state !== null) {
      const edits = await definitions.check(experiment, state, onChangedDefinition === 'new-phase')
      if (edits.length > 0) log(`${experiment.key}: goes on with safe edits: ${edits.join(', ')}.`)
    }
    const loop = await startLoop({
      experiment,
      events: segmentLog(join(directory, 'log')),
      store,
      tickMs,
      onChangedDefinition,
      rollback: watchRollback({ experiment, instances: instances.list, recordsCompleteFrom, now, log }),
      log,
    })
    await definitions.keep(experiment)
    return loop
  }

  /** Revisions of experiments that are no longer run: without them a snapshot's revision would go back. */
  async function retiredRevisions(): Promise<number> {
    const known = new Set(experiments.map(({ key }) => key))
    const keys = (await definitions.keys()).filter((key) => !known.has(key))
    const states = await Promise.all(keys.map((key) => store.read(key)))
    return states.reduce((sum, state) => sum + (state?.revision ?? 0), 0)
  }

  function loopOf(key: string): RolloutLoop {
    const loop = loops.get(key)
    if (loop) return loop
    throw new Refused(404, 'unknown-experiment', `There is no experiment ${JSON.stringify(key)} here.`, {
      remedy: 'Check the key.',
    })
  }

  async function close(): Promise<void> {
    await Promise.all([...loops.values()].map((loop) => loop.stop()))
    await sink.close()
  }

  return {
    async lease(instanceId) {
      const issuedAt = now()
      instances.forgetLapsed(issuedAt)
      // Noted before the states are read: an abort in between finds the instance on the list, not a lease too late.
      if (instanceId !== null && !instances.grant(instanceId, issuedAt + leaseMs)) throw tooManyInstances()
      const states = await readStates(store, experiments)
      const snapshot = {
        schema: 'fairtrial.snapshot/1',
        revision: states.reduce((sum, state) => sum + state.revision, retired),
        issuedAt,
        validUntil: issuedAt + leaseMs,
        states,
      } as const
      const digest = createHash('sha256').update(JSON.stringify(states)).digest('base64url')
      return { snapshot, etag: `"${digest.slice(0, 22)}"`, leaseMs }
    },
    ingest,
    served(report) {
      const known = report.experiments.filter(({ experiment }) => loops.has(experiment))
      if (!instances.report({ ...report, experiments: known })) throw tooManyInstances()
    },
    view: async (key) => loopOf(key).view(),
    async abort(key, by, reason) {
      const { experiment } = loopOf(key)
      const { state, transition } = await abortRollout(store, experiment, { by, reason, now: now() })
      if (transition === null) {
        throw new Refused(409, 'finished', `${key} is ${state.status} already.`, {
          remedy: 'There is nothing to take back.',
          state,
        })
      }
      log(`${key}: aborted by ${JSON.stringify(by)}: ${JSON.stringify(reason)}`)
      return transition
    },
    close,
  }
}

/** The states of all experiments. One that cannot be read refuses the lease, and the lease's end protects. */
async function readStates(store: StateStore, experiments: readonly Experiment[]) {
  return Promise.all(
    experiments.map(async ({ key }) => {
      const state = await store.read(key)
      if (state) return state
      throw new ExperimentError(
        'invalid-state',
        `The state of ${key} is gone.`,
        'Restore the data directory.',
      )
    }),
  )
}

function tooManyInstances(): Refused {
  return new Refused(503, 'too-many-instances', 'No more instances can be followed.', {
    remedy: 'Use fewer, or stable, instance ids.',
  })
}

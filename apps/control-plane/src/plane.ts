import { join } from 'node:path'
import { batchOf } from '@fairtrial/exposure'
import { segmentLog, segmentSink } from '@fairtrial/exposure/segments'
import {
  type Experiment,
  ExperimentError,
  refuseCollisions,
  type ServedReport,
  type Snapshot,
  type TransitionEvent,
} from '@fairtrial/protocol'
import { proveRollback, type RollbackProof } from '@fairtrial/rollout'
import {
  abortRollout,
  createController,
  fileStateStore,
  type StateStore,
  steadyTime,
  systemClock,
  type TickResult,
} from '@fairtrial/rollout/controller'
import { Refused } from './http.ts'
import { createIngest, type IngestAnswer } from './ingest.ts'
import { createInstances } from './instances.ts'

export interface PlaneOptions {
  readonly experiments: readonly Experiment[]
  /** Holds the log, the states and their journal. */
  readonly directory: string
  /** How long a client may serve from what it was told: the bound on an abort that does not reach it. */
  readonly leaseMs: number
  readonly tickMs: number
  /** Told of what an operator should know. */
  readonly log: (line: string) => void
}

/** Everything the control plane does, without its HTTP face. */
export interface Plane {
  /** The states, on a lease of `leaseMs`. */
  lease(instanceId: string | null): Promise<{ snapshot: Snapshot; etag: string; leaseMs: number }>
  ingest(body: string): Promise<IngestAnswer>
  served(report: ServedReport): void
  view(key: string): Promise<RolloutView>
  abort(key: string, by: string, reason: string): Promise<RolloutView>
  close(): Promise<void>
}

/** What is known of one rollout. */
export interface RolloutView {
  readonly schema: 'fairtrial.rollout/1'
  readonly state: TickResult['state']
  readonly decision: TickResult['decision']
  readonly evaluation: TickResult['evaluation']
  readonly audit: TickResult['audit']
  /** Of a rollout that was taken back; null while it was not. */
  readonly proof: RollbackProof | null
  readonly transitions: readonly TransitionEvent[]
  /** Why the last look failed; null when it did not. */
  readonly error: string | null
}

/** Starts the loop of each experiment. Rejects where a store holds another definition's state. */
export async function startPlane(options: PlaneOptions): Promise<Plane> {
  const { experiments, directory, leaseMs, tickMs, log } = options
  refuseCollisions(experiments)
  const now = steadyTime(systemClock)
  const startedAt = now()
  const store = fileStateStore({ directory: join(directory, 'state') })
  const segments = join(directory, 'log')
  const sink = segmentSink({ directory: segments, producerId: 'control-plane' })
  const instances = createInstances()
  const ingest = createIngest({
    now,
    append: async (events) => void (await sink.deliver(batchOf(events))),
  })
  const rollouts = new Map(
    await Promise.all(
      experiments.map(async (experiment) => [experiment.key, await startRolloutOf(experiment)] as const),
    ),
  )

  async function startRolloutOf(experiment: Experiment) {
    let last: TickResult | null = null
    let proof: RollbackProof | null = null
    const controller = createController({
      experiment,
      log: segmentLog(segments),
      store,
      clock: systemClock,
      onTick(result) {
        last = result
        for (const { to } of result.transitions) log(`${to.experiment}: ${to.status}. ${to.cause}`)
        if (result.error) log(`${experiment.key}: the look failed: ${result.error.message}`)
      },
    })
    await controller.start(tickMs)
    return {
      experiment,
      controller,
      last: () => last,
      /** The first proof is kept: it says when. */
      prove(state: NonNullable<TickResult['state']>): RollbackProof | null {
        if (state.status !== 'aborted' && state.status !== 'stopped') return null
        if (proof?.proved === true && proof.revision === state.revision) return proof
        proof = proveRollback({
          experiment,
          state,
          instances: instances.list(),
          now: now(),
          recordsCompleteFrom: startedAt + leaseMs,
        })
        return proof
      },
    }
  }

  function rolloutOf(key: string) {
    const rollout = rollouts.get(key)
    if (rollout) return rollout
    throw new Refused(
      404,
      'unknown-experiment',
      `There is no experiment ${JSON.stringify(key)} here.`,
      'Check the key.',
    )
  }

  async function view(key: string): Promise<RolloutView> {
    const rollout = rolloutOf(key)
    const last = rollout.last()
    const state = await store.read(key)
    return {
      schema: 'fairtrial.rollout/1',
      state,
      decision: last?.decision ?? null,
      evaluation: last?.evaluation ?? null,
      audit: last?.audit ?? null,
      proof: state && rollout.prove(state),
      transitions: await store.transitions(key),
      error: last?.error?.message ?? null,
    }
  }

  return {
    async lease(instanceId) {
      const states = await readStates(store, experiments)
      const issuedAt = now()
      instances.forgetLapsed(issuedAt)
      if (instanceId !== null && !instances.grant(instanceId, issuedAt + leaseMs)) {
        throw new Refused(
          503,
          'too-many-instances',
          'No more instances can be followed.',
          'Use fewer, or stable, instance ids.',
        )
      }
      const revision = states.reduce((sum, state) => sum + state.revision, 0)
      const snapshot = {
        schema: 'fairtrial.snapshot/1',
        revision,
        issuedAt,
        validUntil: issuedAt + leaseMs,
        states,
      } as const
      return { snapshot, etag: `"${revision}"`, leaseMs }
    },
    ingest,
    served: (report) => instances.report(report),
    view,
    async abort(key, by, reason) {
      const { state, transition } = await abortRollout(store, rolloutOf(key).experiment, {
        by,
        reason,
        now: now(),
      })
      if (transition === null) {
        throw new Refused(
          409,
          'finished',
          `${key} is ${state.status} already.`,
          'There is nothing to take back.',
        )
      }
      log(`${key}: aborted by ${JSON.stringify(by)}: ${JSON.stringify(reason)}`)
      return view(key)
    },
    async close() {
      await Promise.all([...rollouts.values()].map(({ controller }) => controller.stop()))
      await sink.close()
    },
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

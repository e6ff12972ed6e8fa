import { createHash } from 'node:crypto'
import { type Experiment, ExperimentError, type RolloutState, type Snapshot } from '@fairtrial/protocol'
import type { StateStore } from '@fairtrial/rollout/controller'
import type { Instances } from './instances.ts'
import { Refused } from './refused.ts'
import { STORE_PATIENCE_MS, within } from './within.ts'

/** The states, on a lease. */
export interface Lease {
  readonly snapshot: Snapshot
  /** Of the states, whenever they were read: anyone who has them can compute it. */
  readonly etag: string
  readonly leaseMs: number
}

/** Grants leases to instances, and refuses them where the state is not known. */
export function createLeases(options: {
  readonly store: StateStore
  readonly experiments: readonly Experiment[]
  /** Of which there has been a state; the others may not have been opened yet. */
  readonly begun: ReadonlySet<string>
  readonly instances: Instances
  readonly leaseMs: number
  /** Revisions of experiments that are no longer run. */
  readonly retiredRevisions: number
  /** Why no lease is granted at all, while something stands in the way. */
  readonly withheld: () => string | null
  readonly now: () => number
}): (instanceIds: readonly string[]) => Promise<Lease> {
  const { store, experiments, begun, instances, leaseMs, retiredRevisions, withheld, now } = options
  const opened = new Set(begun)
  return async (instanceIds) => {
    const issuedAt = now()
    instances.forgetLapsed(issuedAt)
    // Noted before the states are read: an abort in between finds the instance on the list, not a lease too late.
    for (const id of instanceIds) {
      if (!instances.grant(id, issuedAt + leaseMs)) throw tooManyInstances()
    }
    const read = await Promise.all(experiments.map(({ key }) => readState(store, key, opened.has(key))))
    // What no replica has opened yet is served to nobody: without a state clients serve control.
    const states = read.filter((state) => state !== null)
    for (const { experiment } of states) opened.add(experiment)
    refuseWithheld(withheld())
    const snapshot = {
      schema: 'fairtrial.snapshot/1',
      revision: states.reduce((sum, state) => sum + state.revision, retiredRevisions),
      issuedAt,
      validUntil: issuedAt + leaseMs,
      states,
    } as const
    return { snapshot, etag: etagOf(states), leaseMs }
  }
}

/** The tag of states: the first 22 characters of the SHA-256 of their JSON, in base64url. */
function etagOf(states: readonly RolloutState[]): string {
  return `"${createHash('sha256').update(JSON.stringify(states)).digest('base64url').slice(0, 22)}"`
}

const LEASES_END = 'It is asked again. Clients fall back to control when their lease ends.'

/** One that cannot be read refuses the lease, and the lease's end protects. */
async function readState(store: StateStore, key: string, wasOpened: boolean): Promise<RolloutState | null> {
  const state = await within(STORE_PATIENCE_MS, store.read(key), LEASES_END)
  if (state !== null || !wasOpened) return state
  throw new ExperimentError(
    'invalid-state',
    `The state of ${key} is gone.`,
    'Restore what keeps it from a backup.',
  )
}

function refuseWithheld(why: string | null): void {
  if (why === null) return
  throw new Refused(503, 'withheld', why, { remedy: 'Clients fall back to control when their lease ends.' })
}

export function tooManyInstances(): Refused {
  return new Refused(503, 'too-many-instances', 'No more instances can be followed.', {
    remedy: 'Use fewer, or stable, instance ids.',
  })
}

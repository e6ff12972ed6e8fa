import {
  type Experiment,
  ExperimentError,
  type RolloutState,
  type TransitionEvent,
} from '@fairtrial/protocol'
import type { RolloutView } from '@fairtrial/rollout'
import {
  createController,
  type EventLog,
  type LeaderLease,
  type StateStore,
  systemClock,
  type TickResult,
} from '@fairtrial/rollout/controller'
import { followJournal, type JournalFollower } from './journal-follower.ts'
import type { Tell } from './notice.ts'
import type { Glance } from './rollout-card.ts'
import type { RollbackWatch } from './rollback-watch.ts'

/** The loop of one experiment, and what is known of it. */
export interface RolloutLoop {
  readonly experiment: Experiment
  /** What is known at once, of a rollout among many. */
  glance(): Promise<Glance>
  view(): Promise<RolloutView>
  readonly journal: JournalFollower
  /** Null before the first. */
  lastTick(): TickResult | null
  /** Why it can judge no state that is in force: it is of another definition. Null where it can. */
  foreign(): string | null
  stop(): Promise<void>
}

/** Starts the loop. Rejects where the store holds another definition's state. */
export async function startLoop(options: {
  readonly experiment: Experiment
  readonly events: EventLog
  readonly store: StateStore
  readonly lease: Pick<LeaderLease, 'current'>
  readonly tickMs: number
  /** Looks in a row that may fail before the evidence is missing. Default: the controller's. */
  readonly consecutiveErrorLimit?: number
  readonly onChangedDefinition: 'refuse' | 'new-phase'
  /** The revision up to which transitions are no news. */
  readonly toldUpTo: number
  readonly rollback: RollbackWatch
  readonly log: (line: string) => void
  readonly tell: Tell
}): Promise<RolloutLoop> {
  const { experiment, events, store, lease, tickMs, onChangedDefinition, rollback, log, tell } = options
  const { consecutiveErrorLimit } = options
  const { key } = experiment
  const journal = followJournal(store, key, tell, options.toldUpTo)
  let last: TickResult | null = null
  let lastTick: TickResult | null = null
  let failure: string | null = null

  const heard = (state: RolloutState | null) => journal.catchUp(state?.revision ?? 0).catch(() => undefined)

  const controller = createController({
    experiment,
    log: events,
    store,
    lease,
    clock: systemClock,
    onChangedDefinition,
    ...(consecutiveErrorLimit !== undefined && { consecutiveErrorLimit }),
    onTick(result) {
      lastTick = result
      // What was last known is still the best that there is to tell; that the look failed is told beside it.
      if (result.error === null || last === null || result.decision !== null) last = result
      for (const { to } of result.transitions) log(`${key}: ${to.status}. ${to.cause}`)
      // A proof is told after the rollback that it proves.
      void heard(result.state).then(() => rollback(result.state))
      tell({ kind: 'tick', at: result.at, experiment, result })
      const failedBefore = failure
      failure = result.error?.message ?? result.incomplete?.detail ?? null
      if (failure !== failedBefore) {
        const how = result.error === null ? 'the look was at half a log' : 'the look failed'
        log(`${key}: ${failure === null ? 'looks succeed again.' : `${how}: ${failure}`}`)
      }
    },
  })
  await controller.start(tickMs)

  async function glance(): Promise<Glance> {
    const state = await store.read(key)
    const { decision = null, evaluation = null, audit = null } = last ?? {}
    return { experiment, state, decision, evaluation, audit, error: failure }
  }

  return {
    experiment,
    journal,
    glance,
    async view() {
      const seen = await glance()
      const { state } = seen
      await heard(state)
      return {
        schema: 'fairtrial.rollout/1',
        ...seen,
        proof: rollback(state),
        transitions: withLastReport(await store.transitions(key)),
        looks: state === null ? null : await store.looks(key, state.phase),
        leader: lastTick?.leader ?? false,
      }
    },
    lastTick: () => lastTick,
    foreign() {
      const error = lastTick?.error
      return error instanceof ExperimentError && error.code === 'definition-changed' ? error.message : null
    },
    stop: () => controller.stop(),
  }
}

/** A report is long, and the journal has each of them; of those that it has replaced, whoever looks on needs the digest. */
function withLastReport(transitions: readonly TransitionEvent[]): readonly TransitionEvent[] {
  const last = transitions.findLast(({ readiness }) => readiness !== undefined)
  return transitions.map((transition) => {
    if (transition === last || transition.readiness === undefined) return transition
    const { readiness: _, ...rest } = transition
    return rest
  })
}

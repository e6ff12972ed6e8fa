import type { Experiment } from '@fairtrial/protocol'
import {
  createController,
  type EventLog,
  type StateStore,
  systemClock,
  type TickResult,
} from '@fairtrial/rollout/controller'
import { followJournal, type JournalFollower } from './journal-follower.ts'
import type { Tell } from './notice.ts'
import type { RollbackWatch } from './rollback-watch.ts'
import type { RolloutView } from './rollout-view.ts'

/** The loop of one experiment, and what is known of it. */
export interface RolloutLoop {
  readonly experiment: Experiment
  view(): Promise<RolloutView>
  readonly journal: JournalFollower
  /** Null before the first. */
  lastTick(): TickResult | null
  stop(): Promise<void>
}

/** Starts the loop. Rejects where the store holds another definition's state. */
export async function startLoop(options: {
  readonly experiment: Experiment
  readonly events: EventLog
  readonly store: StateStore
  readonly tickMs: number
  readonly onChangedDefinition: 'refuse' | 'new-phase'
  readonly rollback: RollbackWatch
  readonly log: (line: string) => void
  readonly tell: Tell
}): Promise<RolloutLoop> {
  const { experiment, events, store, tickMs, onChangedDefinition, rollback, log, tell } = options
  const { key } = experiment
  const before = await store.read(key)
  const journal = followJournal(store, key, tell, before?.revision ?? 0)
  let last: TickResult | null = null
  let lastTick: TickResult | null = null
  let failure: string | null = null

  const controller = createController({
    experiment,
    log: events,
    store,
    clock: systemClock,
    onChangedDefinition,
    onTick(result) {
      lastTick = result
      // What was last known is still the best that there is to tell; that the look failed is told beside it.
      if (result.error === null || last === null || result.decision !== null) last = result
      for (const { to } of result.transitions) log(`${key}: ${to.status}. ${to.cause}`)
      void journal.catchUp(result.state?.revision ?? 0).catch(() => undefined)
      rollback(result.state)
      tell({ kind: 'tick', at: result.at, experiment, result })
      const failedBefore = failure
      failure = result.error?.message ?? null
      if (failure !== failedBefore) {
        log(`${key}: ${failure === null ? 'looks succeed again.' : `the look failed: ${failure}`}`)
      }
    },
  })
  await controller.start(tickMs)
  return {
    experiment,
    journal,
    async view() {
      const state = await store.read(key)
      return {
        schema: 'fairtrial.rollout/1',
        experiment,
        state,
        decision: last?.decision ?? null,
        evaluation: last?.evaluation ?? null,
        audit: last?.audit ?? null,
        proof: rollback(state),
        transitions: await store.transitions(key),
        error: failure,
      }
    },
    lastTick: () => lastTick,
    stop: () => controller.stop(),
  }
}

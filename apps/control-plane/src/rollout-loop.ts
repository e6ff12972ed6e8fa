import type { Experiment } from '@fairtrial/protocol'
import {
  createController,
  type EventLog,
  type StateStore,
  systemClock,
  type TickResult,
} from '@fairtrial/rollout/controller'
import type { RollbackWatch } from './rollback-watch.ts'
import type { RolloutView } from './rollout-view.ts'

/** The loop of one experiment, and what is known of it. */
export interface RolloutLoop {
  readonly experiment: Experiment
  view(): Promise<RolloutView>
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
}): Promise<RolloutLoop> {
  const { experiment, events, store, tickMs, onChangedDefinition, rollback, log } = options
  let last: TickResult | null = null
  let failure: string | null = null

  const controller = createController({
    experiment,
    log: events,
    store,
    clock: systemClock,
    onChangedDefinition,
    onTick(result) {
      // What was last known is still the best that there is to tell; that the look failed is told beside it.
      if (result.error === null || last === null || result.decision !== null) last = result
      for (const { to } of result.transitions) log(`${to.experiment}: ${to.status}. ${to.cause}`)
      rollback(result.state)
      const before = failure
      failure = result.error?.message ?? null
      if (failure !== before) {
        log(`${experiment.key}: ${failure === null ? 'looks succeed again.' : `the look failed: ${failure}`}`)
      }
    },
  })
  await controller.start(tickMs)
  return {
    experiment,
    async view() {
      const state = await store.read(experiment.key)
      return {
        schema: 'fairtrial.rollout/1',
        state,
        decision: last?.decision ?? null,
        evaluation: last?.evaluation ?? null,
        audit: last?.audit ?? null,
        proof: rollback(state),
        transitions: await store.transitions(experiment.key),
        error: failure,
      }
    },
    stop: () => controller.stop(),
  }
}

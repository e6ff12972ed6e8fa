import { ExperimentError } from '@fairtrial/protocol'
import type { Experiment, RolloutState, TransitionEvent } from '@fairtrial/protocol'
import { coolDownLeft } from '../cool-down.ts'
import { startRollout } from '../start.ts'
import { openPhase } from '../transition.ts'
import { sayDuration } from '../words.ts'
import type { StateStore, WriteOptions } from './state-store.ts'

/** What to do with a state that was made for another definition. */
export type OnChangedDefinition = 'refuse' | 'new-phase'

/** The state to go on from, and the transition that opened its phase, if it was this call's. */
export interface Resumed {
  readonly state: RolloutState
  readonly transition: TransitionEvent | null
}

/**
 * Takes up a rollout where the store has it, or starts it.
 *
 * @param options.rights by which right a phase is opened; null: another is to open it
 * @returns null where another is to open the phase
 * @throws ExperimentError `definition-changed` for the state of another definition, unless a new phase is to be opened; and
 *   where it is, while somebody holds the rollout, or it cools down
 */
export async function resumeRollout(
  store: StateStore,
  experiment: Experiment,
  options: {
    readonly now: number
    readonly by: string
    readonly onChangedDefinition: OnChangedDefinition
    readonly rights: () => WriteOptions | null
  },
): Promise<Resumed | null> {
  const { now, by, onChangedDefinition, rights } = options
  const before = await store.read(experiment.key)
  if (before?.fingerprint === experiment.fingerprint) return { state: before, transition: null }
  if (before !== null) {
    if (onChangedDefinition === 'refuse') throw definitionChanged(experiment, before)
    refuseTooEarly(experiment, before, now)
  }
  const next = before === null ? {} : { phase: before.phase + 1, revision: before.revision + 1 }
  const transition = openPhase(experiment, before, startRollout(experiment, { now, ...next, before }), by)
  const right = rights()
  if (right === null) return null
  const outcome = await store.compareAndSet(transition, before?.revision ?? null, right)
  if (outcome.stored) return { state: outcome.state, transition }
  // Another controller, or an operator, was first: theirs is the state to go on from.
  return outcome.fenced === true ? null : resumeRollout(store, experiment, options)
}

/** An edit goes not past what an order to retry goes not past: a hold by hand, and the cool-down. */
function refuseTooEarly(experiment: Experiment, state: RolloutState, now: number): void {
  const holder = state.heldBy ?? null
  const left = coolDownLeft(experiment, state, now)
  if (holder === null && left === 0) return
  const { key } = experiment
  throw new ExperimentError(
    'definition-changed',
    `The definition of ${key} was edited, and no phase is opened for it yet: ` +
      `${holder === null ? `it was ${state.status}, and cools down` : `${holder} holds it`}.`,
    holder === null
      ? `Wait for another ${sayDuration(left)}; take back the edit until then.`
      : 'Take back the edit, and have the hold resumed or the rollout aborted first.',
  )
}

export function definitionChanged(experiment: Experiment, state: RolloutState): ExperimentError {
  return new ExperimentError(
    'definition-changed',
    `${experiment.key} is ${state.status} in phase ${state.phase} under the definition ${state.fingerprint.slice(0, 12)}; ` +
      `the definition in hand is ${experiment.fingerprint.slice(0, 12)}.`,
    "Take back the edit, or open a new phase, with fresh evidence (onChangedDefinition: 'new-phase').",
  )
}

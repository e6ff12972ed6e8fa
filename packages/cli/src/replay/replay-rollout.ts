import {
  type DecisionAction,
  type DecisionRule,
  type Experiment,
  ExperimentError,
  type RolloutState,
  type TransitionEvent,
} from '@fairtrial/protocol'
import { startRollout, ungated } from '@fairtrial/rollout'
import { createController, type StateStore, type TickResult } from '@fairtrial/rollout/controller'
import { memoryStateStore } from '@fairtrial/rollout/testing'
import { recordedLog } from './recorded-log.ts'
import type { Recording } from './recorded-events.ts'

/** A turn of the controller that did, or thought, something else than the one before. */
export interface ReplayedTurn {
  /** Epoch milliseconds. */
  readonly at: number
  readonly state: RolloutState
  /** Of the decision; `start` where a phase opens. */
  readonly action: DecisionAction | 'start'
  readonly rule: DecisionRule | null
  readonly reason: string
}

/** What a controller would have done. */
export interface Replay {
  readonly looks: number
  /** Epoch milliseconds of the first look and of the last. */
  readonly from: number
  readonly to: number
  readonly turns: readonly ReplayedTurn[]
  readonly transitions: readonly TransitionEvent[]
  readonly last: TickResult | null
}

const MAXIMUM_LOOKS = 1_000_000

/**
 * Runs the controller over a recording, whose start is behind it: from the first exposure of the phase, every so many milliseconds by a clock of its
 * own, until the rollout is over or the recording is.
 *
 * @param pace waited for between two looks; it changes nothing of what comes out
 * @returns null where the recording has no exposure of that phase of the trial
 */
export async function replayRollout(
  planned: Experiment,
  recording: Recording,
  options: {
    readonly phase: number
    readonly everyMs: number
    readonly onTurn: (turn: ReplayedTurn) => void
    readonly pace: () => Promise<void>
  },
): Promise<Replay | null> {
  const { phase, everyMs, onTurn, pace } = options
  const experiment = ungated(planned)
  const from = beginOf(experiment, recording, phase)
  if (from === undefined) return null
  const until = recording.events.at(-1)?.at ?? from
  refuseEndless(until - from, everyMs)
  const clock = { time: from, now: () => clock.time }
  const store = memoryStateStore()
  await startPhase(store, experiment, phase, from)
  const controller = createController({ experiment, store, clock, log: recordedLog(recording, clock.now) })
  const turns: ReplayedTurn[] = []
  let last: TickResult | null = null
  for (let looks = 1; ; looks++) {
    last = await controller.tick()
    for (const turn of turnsOf(last)) {
      const before = turns.at(-1)
      const { revision } = turn.state
      if (turn.rule === before?.rule && turn.action === before.action && revision === before.state.revision)
        continue
      turns.push(turn)
      onTurn(turn)
    }
    if (isOver(last.state) || clock.time >= until) {
      const transitions = await store.transitions(experiment.key)
      return { looks, from, to: clock.time, turns, transitions, last }
    }
    clock.time += everyMs
    await pace()
  }
}

function beginOf({ key, fingerprint }: Experiment, { events }: Recording, phase: number): number | undefined {
  return events.find(
    ({ event }) =>
      event.schema === 'fairtrial.exposure/1' &&
      event.experiment === key &&
      event.fingerprint === fingerprint &&
      event.phase === phase,
  )?.at
}

function refuseEndless(lengthMs: number, everyMs: number): void {
  if (lengthMs / everyMs <= MAXIMUM_LOOKS) return
  throw new ExperimentError(
    'invalid-argument',
    `The recording is ${Math.round(lengthMs / 86_400_000).toLocaleString('en-US')} days long, more than ${MAXIMUM_LOOKS.toLocaleString('en-US')} looks.`,
    'Look less often (--every), or look for an event whose clock is off.',
  )
}

/** The controller opens the first phase itself, and takes up any other. */
async function startPhase(
  store: StateStore,
  experiment: Experiment,
  phase: number,
  now: number,
): Promise<void> {
  if (phase === 1) return
  const to = startRollout(experiment, { now, phase })
  await store.compareAndSet(
    {
      schema: 'fairtrial.transition/1',
      experiment: experiment.key,
      at: now,
      by: 'controller',
      from: null,
      to,
      decision: null,
      reason: to.cause,
    },
    null,
  )
}

function turnsOf({ at, state, decision, transitions }: TickResult): ReplayedTurn[] {
  const changed = transitions.map(
    ({ to, decision: behind, reason }): ReplayedTurn => ({
      at,
      state: to,
      action: behind?.action ?? 'start',
      rule: behind?.rule ?? null,
      reason,
    }),
  )
  const isTold = transitions.some((transition) => transition.decision !== null)
  if (state === null || decision === null || isTold) return changed
  const { action, rule, reasons } = decision
  return [...changed, { at, state, action, rule, reason: reasons[0] ?? state.cause }]
}

function isOver(state: RolloutState | null): boolean {
  return state?.status === 'aborted' || state?.status === 'shipped' || state?.status === 'stopped'
}

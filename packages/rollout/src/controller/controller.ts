import { durationMs, ExperimentError } from '@fairtrial/protocol'
import type { Decision, RolloutState, TransitionEvent } from '@fairtrial/protocol'
import { clearedSince } from '../cleared-since.ts'
import { decide } from '../decide.ts'
import { digestsOf } from '../digests.ts'
import { transition } from '../transition.ts'
import { steadyTime } from './clock.ts'
import type { Controller, ControllerOptions, TickResult } from './controller-doors.ts'
import { createEvidenceKeeper } from './gather-evidence.ts'
import type { EvidenceKeeper, Gathered } from './gather-evidence.ts'
import { createLookKeeper } from './look-keeper.ts'
import { phaseHistory } from './phase-history.ts'
import { refuseNoInterval } from './refuse-no-interval.ts'
import { definitionChanged, resumeRollout } from './resume-rollout.ts'
import type { WriteOptions } from './state-store.ts'

/** How often a tick decides anew when somebody else has changed the state under it. */
const ATTEMPTS = 5

/** A controller of one experiment. It holds no state that matters: killed at any point, another takes up from the store. */
export function createController(options: ControllerOptions): Controller {
  const { experiment, log, store, clock, lease, by = 'controller', onTick } = options
  const { consecutiveErrorLimit = 4, readTimeoutMs = 30_000, onChangedDefinition = 'refuse' } = options
  const time = steadyTime(clock)
  const horizonMs = durationMs(experiment.hypothesis.horizon)
  let keeper: EvidenceKeeper | null = null
  let hasResumed = false
  let consecutiveErrors = 0
  /** A restart begins it anew: what was not seen is not known to be gone. */
  let clearSince: number | null = null
  let running: Promise<TickResult> | null = null
  let timer: ReturnType<typeof setTimeout> | null = null
  /** The loop that is to go on: one that was stopped, or started anew, ends with its turn. */
  let loop = 0

  /** By which right it writes now; null where it may not. */
  function rights(): WriteOptions | null {
    if (lease === undefined) return {}
    const fence = lease.current()
    return fence === null ? null : { fence }
  }

  async function turn(): Promise<TickResult> {
    const now = time()
    const transitions: TransitionEvent[] = []
    let state: RolloutState | null = null
    let look: Gathered | null = null
    let decision: Decision | null = null
    let error: Error | null = null
    let isFenced = false
    try {
      const resumed = await currentState(now, transitions)
      state = resumed
      if (resumed === null) return idle(now)
      if (resumed.awaitsStart === true) return await awaitStart(resumed, now, transitions)
      look = await lookAt(resumed, now).catch((cause: unknown) => {
        error = asError(cause)
        return null
      })
      consecutiveErrors = look === null ? consecutiveErrors + 1 : 0
      error ??= look?.error ?? null
      if (look !== null || consecutiveErrors >= consecutiveErrorLimit) {
        ;({ state, decision, isFenced } = await act(resumed, look, now, transitions))
      }
    } catch (cause) {
      consecutiveErrors++
      if (cause instanceof ExperimentError && cause.code === 'definition-changed') throw cause
      error = asError(cause)
    }
    clearSince = decision === null ? null : clearedSince(decision, clearSince)
    const { evaluation = null, audit = null, incomplete = null, eventsRead = 0, bytesRead = 0 } = look ?? {}
    return {
      at: now,
      leader: !isFenced && rights() !== null,
      state,
      decision,
      transitions,
      evaluation,
      audit,
      ...(incomplete !== null && { incomplete }),
      eventsRead,
      bytesRead,
      consecutiveErrors,
      error,
    }
  }

  /** A replica that waits for the leader to begin. */
  function idle(at: number): TickResult {
    consecutiveErrors = 0
    return { ...nothing(at), leader: rights() !== null }
  }

  /** A phase that enrols nobody: there is nothing to look at, and nothing that could be missing. */
  async function awaitStart(
    read: RolloutState,
    now: number,
    transitions: TransitionEvent[],
  ): Promise<TickResult> {
    const { state, decision, isFenced } = await act(read, null, now, transitions)
    consecutiveErrors = 0
    return { ...nothing(now), leader: !isFenced && rights() !== null, state, decision, transitions }
  }

  async function currentState(now: number, transitions: TransitionEvent[]): Promise<RolloutState | null> {
    const read = hasResumed ? await store.read(experiment.key) : null
    if (read !== null) {
      if (read.fingerprint !== experiment.fingerprint) throw definitionChanged(experiment, read)
      return read
    }
    const resumed = await resumeRollout(store, experiment, { now, by, onChangedDefinition, rights })
    if (resumed === null) return null
    hasResumed = true
    if (resumed.transition !== null) transitions.push(resumed.transition)
    return resumed.state
  }

  async function lookAt(state: RolloutState, now: number): Promise<Gathered> {
    if (keeper?.phase !== state.phase) {
      const looks = createLookKeeper(experiment, store, state.phase, rights)
      keeper = createEvidenceKeeper(experiment, log, looks, await phaseHistory(store, state), readTimeoutMs)
    }
    return keeper.gather(now, now - state.startedAt >= horizonMs)
  }

  /** Decides and stores. Whoever changed the state in between is heard first: the decision is made anew, from theirs. */
  async function act(
    read: RolloutState,
    look: Gathered | null,
    now: number,
    transitions: TransitionEvent[],
  ): Promise<{ state: RolloutState; decision: Decision | null; isFenced: boolean }> {
    const { evaluation = null, audit = null, incomplete = null } = look ?? {}
    let state = read
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      let decision = decide({ experiment, state, evaluation, audit, incomplete, now, clearSince })
      let event = transition(experiment, state, decision, { now, by })
      const right = rights()
      if (event === null || right === null) return { state, decision, isFenced: false }
      // Only what is kept has digests: they cost more than the decision.
      decision = { ...decision, digests: digestsOf(evaluation, audit) }
      event = { ...event, decision }
      const outcome = await store.compareAndSet(event, state.revision, right)
      if (outcome.stored) {
        transitions.push(event)
        return { state: outcome.state, decision, isFenced: false }
      }
      if (outcome.state === null) break
      if (outcome.fenced === true) return { state: outcome.state, decision, isFenced: true }
      if (outcome.state.fingerprint !== experiment.fingerprint)
        throw definitionChanged(experiment, outcome.state)
      // What has started, or awaits its start again, meanwhile: this turn has no look at it.
      if ((outcome.state.awaitsStart ?? false) !== (read.awaitsStart ?? false)) {
        return { state: outcome.state, decision: null, isFenced: false }
      }
      state = outcome.state
    }
    throw new ExperimentError(
      'revision-conflict',
      `The state of ${experiment.key} changed under ${ATTEMPTS} decisions in a row.`,
      'Run one controller for an experiment.',
    )
  }

  function tick(): Promise<TickResult> {
    running ??= turn().finally(() => {
      running = null
    })
    return running
  }

  function failed(error: Error): TickResult {
    return { ...nothing(time()), leader: rights() !== null, consecutiveErrors, error }
  }

  function schedule(everyMs: number, own: number): void {
    if (own !== loop) return
    const next = async () => {
      tell(await tick().catch((cause: unknown) => failed(asError(cause))))
      schedule(everyMs, own)
    }
    timer = setTimeout(() => void next(), everyMs)
  }

  /** Whoever listens may fail, but not the loop: it is what withdraws a treatment that harms. */
  function tell(result: TickResult): void {
    const told = async () => onTick?.(result)
    told().catch(() => undefined)
  }

  return {
    tick,
    async start(everyMs) {
      refuseNoInterval(everyMs)
      const own = ++loop
      if (timer !== null) clearTimeout(timer)
      const first = await tick()
      tell(first)
      schedule(everyMs, own)
      return first
    },
    async stop() {
      loop++
      if (timer !== null) clearTimeout(timer)
      await running?.catch(() => undefined)
    },
  }
}

function nothing(at: number): TickResult {
  return {
    at,
    leader: false,
    state: null,
    decision: null,
    transitions: [],
    evaluation: null,
    audit: null,
    eventsRead: 0,
    bytesRead: 0,
    consecutiveErrors: 0,
    error: null,
  }
}

function asError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(String(cause))
}

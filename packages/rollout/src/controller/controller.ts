import { durationMs, ExperimentError } from '@fairtrial/protocol'
import type {
  AuditReport,
  Decision,
  Evaluation,
  Experiment,
  RolloutState,
  TransitionEvent,
} from '@fairtrial/protocol'
import { clearedSince } from '../cleared-since.ts'
import { decide } from '../decide.ts'
import { digestsOf } from '../digests.ts'
import { transition } from '../transition.ts'
import { steadyTime } from './clock.ts'
import type { Clock } from './clock.ts'
import type { EventLog } from './event-log.ts'
import { createEvidenceKeeper } from './gather-evidence.ts'
import type { EvidenceKeeper, Gathered } from './gather-evidence.ts'
import type { LeaderLease } from './leader-lease.ts'
import { createLookKeeper } from './look-keeper.ts'
import { phaseHistory } from './phase-history.ts'
import { refuseNoInterval } from './refuse-no-interval.ts'
import { definitionChanged, resumeRollout } from './resume-rollout.ts'
import type { OnChangedDefinition } from './resume-rollout.ts'
import type { StateStore, WriteOptions } from './state-store.ts'

/** What a controller runs, and on what. */
export interface ControllerOptions {
  readonly experiment: Experiment
  readonly log: EventLog
  readonly store: StateStore
  readonly clock: Clock
  /**
   * With several replicas, the lease of the one that acts, kept by somebody else (`keepLease`). It is asked right before
   * each write, and the store once more. Without the lease a replica reads, evaluates and decides what it would do, so that it
   * can take over at once; it changes nothing and records no look. Default: there is one controller, which acts.
   */
  readonly lease?: Pick<LeaderLease, 'current'>
  /** Who transitions are made by. Default `controller`. */
  readonly by?: string
  /** Looks in a row that may fail before the evidence counts as missing. Default 4. */
  readonly consecutiveErrorLimit?: number
  /** How long a look may read the log, in milliseconds, before it has failed; what was read stays so. Default 30,000. */
  readonly readTimeoutMs?: number
  /** Default `refuse`. */
  readonly onChangedDefinition?: OnChangedDefinition
  /** Told of every tick of the loop. */
  readonly onTick?: (result: TickResult) => void
}

/** One turn of the loop. */
export interface TickResult {
  /** Epoch milliseconds. */
  readonly at: number
  /** Whether this replica leads, at the end of the tick. */
  readonly leader: boolean
  /** The state in force after the tick; null when the store could not be read, or no leader has begun yet. */
  readonly state: RolloutState | null
  /** Null when the look failed and fewer looks in a row have failed than make the evidence missing. */
  readonly decision: Decision | null
  /** What this tick has changed, the oldest first; mostly nothing. */
  readonly transitions: readonly TransitionEvent[]
  readonly evaluation: Evaluation | null
  readonly audit: AuditReport | null
  readonly eventsRead: number
  readonly bytesRead: number
  /** Failed looks in a row, this one among them. */
  readonly consecutiveErrors: number
  readonly error: Error | null
}

/** The loop that runs a rollout: look, decide, change the state, again. */
export interface Controller {
  /**
   * One turn. While one runs, a second call waits for the same.
   *
   * @throws ExperimentError `definition-changed` when the store holds the state of another definition
   */
  tick(): Promise<TickResult>
  /**
   * A first turn at once, then one every so many milliseconds, 1 to 2,147,483,647. Rejects, and does not run, where
   * the first turn throws. Started again, it runs at the new pace.
   */
  start(everyMs: number): Promise<TickResult>
  /** Ends the loop, after the turn that runs. The state stays as it is. */
  stop(): Promise<void>
}

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
    const { evaluation = null, audit = null, eventsRead = 0, bytesRead = 0 } = look ?? {}
    return {
      at: now,
      leader: !isFenced && rights() !== null,
      state,
      decision,
      transitions,
      evaluation,
      audit,
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
    const { evaluation = null, audit = null } = look ?? {}
    let state = read
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      let decision = decide({ experiment, state, evaluation, audit, now, clearSince })
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

import type {
  AuditReport,
  Decision,
  Evaluation,
  Experiment,
  RolloutState,
  TransitionEvent,
} from '@fairtrial/protocol'
import type { Incomplete } from '../half-a-log.ts'
import type { Clock } from './clock.ts'
import type { EventLog } from './event-log.ts'
import type { LeaderLease } from './leader-lease.ts'
import type { OnChangedDefinition } from './resume-rollout.ts'
import type { StateStore } from './state-store.ts'

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
  /** What the log lacks that was looked at; absent where nothing is known to be missing. */
  readonly incomplete?: Incomplete
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

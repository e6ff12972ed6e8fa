import type { LoadOptions } from '@fairtrial/assignment'
import type {
  Account,
  Arm,
  ExposeOptions,
  Outcome,
  Receipt,
  Recorder,
  Sink,
  Timers,
} from '@fairtrial/exposure'
import type { Assignment, Experiment, ServedReport, Unit, Variant } from '@fairtrial/protocol'
import type { ExperimentError } from '@fairtrial/protocol/error'
import type { Clock } from './clock.ts'
import type { AssignOptions } from './draw-arm.ts'
import type { Overrides } from './overrides.ts'
import type { StateSource } from './source.ts'
import type { ClientStatus } from './status.ts'
import type { UnitIdPolicy } from './unit-ids.ts'

/** What a client is made of. Of `recorder` and `sink`, one is given. */
export interface ClientOptions extends LoadOptions {
  /** Sealed definitions, as the service's code has them. Everything else is `no-state`. */
  readonly experiments: readonly Experiment[]
  readonly source: StateSource
  /** Where events go, by a recorder with its defaults. */
  readonly sink?: Sink
  /** The recorder to use; the client closes it. */
  readonly recorder?: Recorder
  /** By what units go in all that is written. Default: raw, by their ids. */
  readonly unitIds?: UnitIdPolicy
  /**
   * Arms that are forced for some units, to look at them: `{ autoplay: { ada: 'treatment' } }`. Their reason is
   * `overridden`, and what they record enters no analysis. None outlives its trial: under an abort, a lapsed lease or
   * without state control is served to them as to everybody.
   */
  readonly overrides?: Overrides
  /** Names this instance of the service, for as long as it runs: 1 to 128 visible ASCII characters. */
  readonly instanceId: string
  /**
   * Told, at each change of revision and every `reportEveryMs`, what has been served. Must settle. Without it no
   * rollback can be proved for this instance.
   */
  readonly reportServed?: (report: ServedReport) => Promise<void>
  /** Milliseconds between reports. Default 2,000. */
  readonly reportEveryMs?: number
  /** Told of everything that goes wrong behind the calls: a failed poll, a malformed state, a lapsed lease. */
  readonly onError?: (error: ExperimentError) => void
  readonly clock?: Clock
  readonly timers?: Timers
  /** Uniform in [0, 1). Default: Math.random. */
  readonly random?: () => number
}

/** What a service holds. After it is made, nothing here throws but `override`, and no promise rejects. */
export interface Client {
  /**
   * Waits for state under a running lease.
   *
   * @param deadlineMs default 10,000
   * @returns false at the deadline, or when the client is closed; until state comes, control is served
   */
  ready(deadlineMs?: number): Promise<boolean>
  /** The arm of a unit, to be served now: it counts as served. Synchronous and without I/O. */
  assign<V extends Variant, M extends string>(
    experiment: Experiment<V, M>,
    unit: Unit,
    options?: AssignOptions,
  ): Assignment<V>
  /** What `assign` would return. Nothing is served and nothing is exposed by looking. */
  preview<V extends Variant, M extends string>(
    experiment: Experiment<V, M>,
    unit: Unit,
    options?: AssignOptions,
  ): Assignment<V>
  /**
   * Forces an arm from now on, or with null no longer: for tests, and for whoever wants to look at an arm.
   *
   * @param experiment its key
   * @throws ExperimentError `invalid-argument` for an experiment, a unit id or a variant that there is not
   */
  override(experiment: string, unitId: string, variant: string | null): void
  /** Records that the unit really met its arm. Call it where the arm takes effect. */
  expose(arm: Arm, options?: ExposeOptions): Receipt
  /** Records what happened to a unit, whatever its arm. */
  track(outcome: Outcome): Receipt
  /** Asks the source now, instead of at the next poll. */
  refresh(): Promise<void>
  /** How things stand at this instant. */
  status(): ClientStatus
  /**
   * Serves control from now on, delivers what is pending and the last count of what was served, and stops.
   *
   * @param deadlineMs default 5,000
   * @returns the account of every event
   */
  close(deadlineMs?: number): Promise<Account>
}

import type { LookLedger, RolloutState, TransitionEvent } from '@fairtrial/protocol'

/** How a compare-and-set went. The loser is told the state that it lost to. */
export type StoreOutcome =
  | { readonly stored: true; readonly state: RolloutState }
  | {
      readonly stored: false
      /** The writer's lease is not the one in force: whatever it wanted to store, it leads no more. */
      readonly fenced?: true
      readonly state: RolloutState | null
    }

/** By which right something is written. */
export interface WriteOptions {
  /** The token of a lease: nothing is written where a later one was granted. Without it nobody asks: an operator's order. */
  readonly fence?: number
}

/**
 * Keeps the state of rollouts and every transition that led to it. All writers go through `compareAndSet`, so
 * that of two who saw the same revision one wins and the other knows.
 */
export interface StateStore {
  /** The state in force; null before the first. Rejects when it cannot be read, and never falls back to an older one. */
  read(experiment: string): Promise<RolloutState | null>
  /**
   * Stores `transition.to` if the state in force still has the expected revision; null expects that there is none.
   * Once it resolves with `stored: true` the state is durable.
   */
  compareAndSet(
    transition: TransitionEvent,
    expectedRevision: number | null,
    options?: WriteOptions,
  ): Promise<StoreOutcome>
  /** The key of every experiment that has a state. */
  experiments?(): Promise<readonly string[]>
  /** Every transition, the oldest first. */
  transitions(experiment: string): Promise<readonly TransitionEvent[]>
  /** The looks taken in a phase; null before the first. Rejects when they cannot be read. */
  looks(experiment: string, phase: number): Promise<LookLedger | null>
  /**
   * Records a ledger that has grown, if the recorded one has the expected number of looks: what a look has spent must be
   * known before anybody acts on it, also after a crash. Durable once it resolves with true; false, and nothing is
   * recorded, where somebody else has taken a look meanwhile, or leads.
   */
  recordLooks(ledger: LookLedger, expectedLooks: number, options?: WriteOptions): Promise<boolean>
  /**
   * Tells which experiment has a new state, whoever wrote it; null where some may have been missed. It tells soon, and
   * promises nothing: whoever must know asks now and then as well.
   *
   * @returns what ends it
   */
  watch?(onChange: (experiment: string | null) => void): Promise<() => Promise<void>>
}

/** The right to act, held by one of several replicas at a time. Each acquisition has a token, one greater than all before it. */
export interface LeaderLease {
  /**
   * Takes the lease where it is free or has lapsed; where it is ours, renews it.
   *
   * @returns null where another has it; rejects where nobody can say
   */
  acquire(): Promise<{ readonly token: number } | null>
  /** Extends it. False where it is lost; rejects where nobody can say: then it is ours until it lapses. */
  renew(): Promise<boolean>
  /** Gives it up, so that nobody needs to wait for its end. */
  release(): Promise<void>
  /**
   * The token, as long as the lease is certainly ours by a clock of our own that only grows: whoever was stopped for
   * longer than it lasts finds null here, without asking anybody. It answers at once and never throws.
   */
  current(): number | null
}

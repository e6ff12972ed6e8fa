import type { Fate } from './fate.ts'
import type { Outbox } from './outbox.ts'

/** What became of a call. Of all but `queued`, nothing goes to the log. */
export type Recorded = 'queued' | 'deduplicated' | 'dropped' | 'not-assigned' | 'closed' | 'no-consent'

/** What became of a call at once, and on demand what became of its event. */
export interface Receipt {
  readonly recorded: Recorded
  /**
   * Whether the event is safe: true as soon as it is in the spool as safely as its `sync` says or, where there is no
   * spool or one that fails, delivered; false where it was lost. Of `deduplicated`: whether all that was pending is
   * safe. Of `dropped`, `closed`, `no-consent` and `not-assigned` false at once. Never rejects. Asking hastens: the event waits for
   * no company any more, but for that of others that are on their way.
   */
  readonly durable: Promise<boolean>
}

/** Of an event in the queue. The promise is made for those who ask only. */
export class QueuedReceipt implements Receipt {
  readonly recorded: Recorded = 'queued'
  readonly #outbox: Outbox
  readonly #fate: Fate
  readonly #line: number

  constructor(outbox: Outbox, fate: Fate, line: number) {
    this.#outbox = outbox
    this.#fate = fate
    this.#line = line
  }

  get durable(): Promise<boolean> {
    if (!this.#fate.isSettled) this.#outbox.hasten()
    return this.#fate.keeps(this.#line)
  }
}

/** Of an exposure whose unit is pending or safe already. */
export class DeduplicatedReceipt implements Receipt {
  readonly recorded: Recorded = 'deduplicated'
  readonly #outbox: Outbox
  readonly #lostBefore: number

  constructor(outbox: Outbox) {
    this.#outbox = outbox
    this.#lostBefore = outbox.lost
  }

  get durable(): Promise<boolean> {
    return this.#outbox.keepsAll(this.#lostBefore)
  }
}

function refusal(recorded: Recorded): Receipt {
  return {
    recorded,
    get durable() {
      return Promise.resolve(false)
    },
  }
}

export const DROPPED: Receipt = refusal('dropped')
export const CLOSED: Receipt = refusal('closed')
export const NO_CONSENT: Receipt = refusal('no-consent')
export const NOT_ASSIGNED: Receipt = refusal('not-assigned')

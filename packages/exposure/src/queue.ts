import { Fate } from './fate.ts'
import type { EventBatch, EventKind } from './sink.ts'

/** A batch while it is pending; `scopes` has null for outcomes, which are not deduplicated. */
export interface PendingBatch extends EventBatch {
  readonly scopes: readonly (string | null)[]
  readonly fate: Fate
}

/** What may be pending in memory at most; an event beyond it is dropped, and counted. */
export interface QueueLimits {
  /** Events queued or under way that are in no spool. Default 10,000. */
  readonly maximumEvents: number
  /** Their bytes. Default 16,000,000. */
  readonly maximumBytes: number
}

/** When a batch goes out: as soon as it is full by one of these, or has waited long enough. */
export interface BatchLimits {
  /** Default 500. */
  readonly maximumEvents: number
  /** Default 512,000. An event larger than this alone is dropped. */
  readonly maximumBytes: number
  /** How long an event may wait for company, in milliseconds. Default 200. */
  readonly lingerMs: number
}

/** All but exposures may fill this share of the queue; the rest is kept for exposures, which cannot be done without. */
export const OUTCOME_SHARE = 0.8

const INITIAL_BYTES = 16_384

/** Everything pending, in batches, in order, within bounds. */
export class Queue {
  #open = new OpenBatch(INITIAL_BYTES)
  readonly #sealed: PendingBatch[] = []
  #hastened = false
  #events = 0
  #bytes = 0
  readonly #limits: QueueLimits
  readonly #batch: BatchLimits

  constructor(limits: QueueLimits, batch: BatchLimits) {
    this.#limits = limits
    this.#batch = batch
  }

  hasRoom(kind: EventKind, bytes: number): boolean {
    const share = kind === 'exposure' ? 1 : OUTCOME_SHARE
    return (
      this.#events + 1 <= this.#limits.maximumEvents * share &&
      this.#bytes + bytes <= this.#limits.maximumBytes * share
    )
  }

  /** @returns the batch that it is in, as its last line */
  push(kind: EventKind, line: Uint8Array, unitId: string, scope: string | null): PendingBatch {
    if (this.#open.length + line.length > this.#batch.maximumBytes) this.#seal()
    const batch = this.#open
    batch.add(kind, line, unitId, scope)
    if (batch.count >= this.#batch.maximumEvents) this.#seal()
    this.#events++
    this.#bytes += line.length
    return batch
  }

  get events(): number {
    return this.#events
  }

  get bytes(): number {
    return this.#bytes
  }

  /** How full it is, of 1, by events or by bytes. */
  get share(): number {
    const { maximumEvents, maximumBytes } = this.#limits
    return Math.max(this.#events / Math.max(1, maximumEvents), this.#bytes / Math.max(1, maximumBytes))
  }

  /** Whether a batch is waiting that is full, or that was hastened. */
  get isDue(): boolean {
    return this.#sealed.length > 0 || (this.#hastened && this.#open.count > 0)
  }

  /** What has been pushed until now waits for no company any more. */
  hasten(): void {
    this.#hastened = true
  }

  /** The batch that is next, once it is full. */
  get next(): PendingBatch | undefined {
    return this.#sealed[0]
  }

  /** The next batch that is due. It stays pending until released. */
  take(): PendingBatch | undefined {
    if (this.#hastened && this.#sealed.length === 0) this.#seal()
    return this.#sealed.shift()
  }

  release(batch: PendingBatch): void {
    this.#events -= batch.count
    this.#bytes -= batch.content.length
  }

  #seal(): void {
    this.#hastened = false
    if (this.#open.count === 0) return
    this.#sealed.push(this.#open)
    // Room for one as large, so that under load a batch is not copied while it grows.
    this.#open = new OpenBatch(Math.max(INITIAL_BYTES, this.#open.length + (this.#open.length >> 4)))
  }
}

class OpenBatch implements PendingBatch {
  count = 0
  length = 0
  readonly kinds: EventKind[] = []
  readonly unitIds: string[] = []
  readonly scopes: (string | null)[] = []
  readonly fate = new Fate()
  #bytes: Uint8Array

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity)
  }

  get content(): Uint8Array {
    return this.#bytes.subarray(0, this.length)
  }

  add(kind: EventKind, line: Uint8Array, unitId: string, scope: string | null): void {
    if (this.length + line.length > this.#bytes.length) this.#grow(line.length)
    this.#bytes.set(line, this.length)
    this.length += line.length
    this.count++
    this.kinds.push(kind)
    this.unitIds.push(unitId)
    this.scopes.push(scope)
  }

  #grow(atLeast: number): void {
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.length + atLeast))
    larger.set(this.#bytes)
    this.#bytes = larger
  }
}

import type { Backlog, KeptBatch } from './backlog.ts'
import type { Timers } from './clock.ts'
import type { Delivery, Sent } from './delivery.ts'
import type { PendingBatch, Queue } from './queue.ts'
import { QueuedReceipt } from './receipt.ts'
import type { EventKind } from './sink.ts'

/** Told where batches are, so that the account is right at every instant. */
export interface Bookkeeping {
  /** A batch of the queue is in the spool. */
  kept(batch: PendingBatch): void
  /** So many events are under way: those of `kept`, or where it is undefined of a batch that is in no spool. */
  departed(kept: KeptBatch | undefined, count: number): void
  /** Of a batch that is in no spool: each line is stored, rejected or given up. */
  settled(batch: PendingBatch, sent: Sent): void
  /** Of a batch in the spool, or of events damaged there. */
  settledKept(kept: KeptBatch, sent: Sent): void
  /** What departed last was not delivered, and stays in the spool. */
  returned(count: number): void
}

export interface OutboxPorts {
  readonly queue: Queue
  readonly delivery: Delivery
  readonly timers: Timers
  readonly lingerMs: number
  readonly backlog: Backlog | undefined
  readonly books: Bookkeeping
}

/**
 * Moves batches from the queue to the sink behind the back of whoever pushes: one at a time is delivered, and with a
 * spool one at a time is appended to it, of those behind.
 */
export class Outbox {
  readonly #ports: OutboxPorts
  /** Of the batches in memory, from the first event on, which are in no spool yet. */
  readonly #unsafe = new Set<PendingBatch>()
  /** Batches that the spool did not take. */
  readonly #bare: PendingBatch[] = []
  #lost = 0
  #lingering = false
  #isSpooling = false
  #isDelivering = false
  #spooling = Promise.resolve()
  #delivering = Promise.resolve()
  /** Something has come since the delivery last looked. */
  #isWanted = false
  #whenSettled: (() => void)[] = []

  constructor(ports: OutboxPorts) {
    this.#ports = ports
  }

  /** How many events were lost out of memory. */
  get lost(): number {
    return this.#lost
  }

  push(kind: EventKind, line: Uint8Array, unitId: string, scope: string | null): QueuedReceipt {
    const { queue, timers, lingerMs } = this.#ports
    const batch = queue.push(kind, line, unitId, scope)
    if (batch.count === 1) this.#unsafe.add(batch)
    if (queue.isDue) this.start()
    else if (!this.#lingering) {
      this.#lingering = true
      const elapsed = () => {
        this.#lingering = false
        this.hasten()
      }
      timers.start(elapsed, lingerMs, false)
    }
    return new QueuedReceipt(this, batch.fate, batch.count)
  }

  /** What has been pushed until now waits for no company any more. */
  hasten(): void {
    this.#ports.queue.hasten()
    this.start()
  }

  /** Goes on with whatever there is to do. */
  start(): void {
    const { backlog } = this.#ports
    if (backlog !== undefined && !this.#isSpooling) {
      this.#isSpooling = true
      this.#spooling = this.#spoolAll(backlog)
    }
    this.#isWanted = true
    if (!this.#isDelivering) {
      this.#isDelivering = true
      this.#delivering = this.#deliverAll()
    }
  }

  /** Whether all that is in memory now gets safe, and nothing was lost beyond `lostBefore`. */
  async keepsAll(lostBefore: number): Promise<boolean> {
    if (this.#unsafe.size > 0) this.hasten()
    await this.#safe()
    return this.#lost === lostBefore
  }

  /** Resolves when all that was pending is settled, or when the time is over. */
  async flush(deadlineMs: number): Promise<void> {
    this.hasten()
    await this.#within(deadlineMs, this.#settled())
  }

  /** Resolves when nothing is in memory only and nothing is under way, or when the time is over. */
  async end(deadlineMs: number): Promise<void> {
    this.hasten()
    const ended = async () => {
      await this.#safe()
      await this.#spooling
      await this.#delivering
    }
    await this.#within(deadlineMs, ended())
  }

  async #safe(): Promise<void> {
    await Promise.all([...this.#unsafe].map(({ fate }) => fate.settled()))
  }

  async #settled(): Promise<void> {
    const { backlog } = this.#ports
    await backlog?.open().catch(() => undefined)
    await this.#safe()
    const goal = backlog?.position ?? 0
    while (backlog !== undefined && backlog.settled < goal) {
      await new Promise<void>((resolve) => void this.#whenSettled.push(resolve))
    }
  }

  async #spoolAll(backlog: Backlog): Promise<void> {
    // Whoever pushes goes first, so that a batch is as full as it can be.
    await Promise.resolve()
    const { queue, books } = this.#ports
    for (let batch = queue.take(); batch !== undefined; batch = queue.take()) {
      if (await backlog.append(batch)) {
        queue.release(batch)
        this.#unsafe.delete(batch)
        books.kept(batch)
        batch.fate.settle(NONE)
      } else this.#bare.push(batch)
      this.start()
    }
    this.#isSpooling = false
  }

  async #deliverAll(): Promise<void> {
    // As above: a sink may work before it returns its promise.
    await Promise.resolve()
    while (this.#isWanted) {
      this.#isWanted = false
      while (await this.#deliverNext());
    }
    this.#isDelivering = false
  }

  /** @returns whether there may be more */
  async #deliverNext(): Promise<boolean> {
    const { queue, backlog } = this.#ports
    const bare = backlog === undefined ? queue.take() : this.#bare.shift()
    if (bare !== undefined) {
      await this.#deliverBare(bare)
      return true
    }
    const kept = await backlog?.next()
    return kept !== undefined && backlog !== undefined && (await this.#deliverKept(kept, backlog))
  }

  async #deliverBare(batch: PendingBatch): Promise<void> {
    const { queue, delivery, books } = this.#ports
    books.departed(undefined, batch.count)
    const sending = delivery.send(batch, false)
    delivery.prepare(queue.next)
    const sent = await sending
    const lost = new Set([...sent.givenUp, ...sent.rejected.map(({ line }) => line)])
    queue.release(batch)
    this.#unsafe.delete(batch)
    this.#lost += lost.size
    books.settled(batch, sent)
    batch.fate.settle(lost)
  }

  async #deliverKept(kept: KeptBatch, backlog: Backlog): Promise<boolean> {
    const { delivery, books } = this.#ports
    const { batch } = kept
    const count = 'damaged' in batch ? total(batch.damaged) : batch.count
    books.departed(kept, count)
    const sending = 'damaged' in batch ? STORED : delivery.send(batch, true)
    delivery.prepare(backlog.second)
    const sent = await sending
    if (sent.givenUp.length > 0) {
      books.returned(count)
      return false
    }
    books.settledKept(kept, sent)
    await backlog.settle(batch, sent.rejected)
    for (const tell of this.#whenSettled.splice(0)) tell()
    return true
  }

  #within(ms: number, work: Promise<void>): Promise<void> {
    const { timers } = this.#ports
    return new Promise((resolve) => {
      const timer = timers.start(resolve, Math.max(0, ms), true)
      void work.then(() => {
        timers.stop(timer)
        resolve()
      })
    })
  }
}

const NONE: ReadonlySet<number> = new Set()
const STORED: Sent = { rejected: [], givenUp: [] }

function total(counts: { readonly [kind: string]: number }): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

import type { Timers } from './clock.ts'
import type { Delivery } from './delivery.ts'
import type { PendingBatch, Queue } from './queue.ts'
import type { DeliveryResult, EventKind } from './sink.ts'

export interface OutboxPorts {
  readonly queue: Queue
  readonly delivery: Delivery
  readonly timers: Timers
  readonly lingerMs: number
  /** Told of every batch once; `result` is undefined where it was given up. */
  readonly onSettled: (batch: PendingBatch, result: DeliveryResult | undefined) => void
}

/** Moves batches from the queue to the delivery, in order, behind the back of whoever pushes. */
export class Outbox {
  readonly #ports: OutboxPorts
  readonly #waiting = new Set<{ goal: number; end: () => void }>()
  #pushed = 0
  #settled = 0
  #lingering = false
  #sending = false

  constructor(ports: OutboxPorts) {
    this.#ports = ports
  }

  push(kind: EventKind, line: Uint8Array, unitId: string, scope: string | null): void {
    const { queue, timers, lingerMs } = this.#ports
    queue.push(kind, line, unitId, scope)
    this.#pushed++
    if (queue.isDue) this.#start()
    else if (!this.#lingering) {
      this.#lingering = true
      const elapsed = () => {
        this.#lingering = false
        this.#sendAll()
      }
      timers.start(elapsed, lingerMs, false)
    }
  }

  /** Resolves when all that has been pushed until now is settled, or when the time is over. */
  async flush(deadlineMs: number): Promise<void> {
    this.#sendAll()
    const goal = this.#pushed
    if (this.#settled >= goal) return
    await new Promise<void>((resolve) => {
      const waiter = { goal, end: () => end() }
      const timer = this.#ports.timers.start(() => end(), deadlineMs, true)
      const end = () => {
        this.#ports.timers.stop(timer)
        this.#waiting.delete(waiter)
        resolve()
      }
      this.#waiting.add(waiter)
    })
  }

  #sendAll(): void {
    this.#ports.queue.hasten()
    this.#start()
  }

  #start(): void {
    if (this.#sending) return
    this.#sending = true
    void this.#drain()
  }

  async #drain(): Promise<void> {
    // Whoever pushes goes first: a sink may work before it returns its promise.
    await Promise.resolve()
    const { queue, delivery, onSettled } = this.#ports
    for (let batch = queue.take(); batch !== undefined; batch = queue.take()) {
      const result = await delivery.send(batch)
      queue.release(batch)
      onSettled(batch, result)
      this.#settled += batch.count
      for (const waiter of this.#waiting) if (this.#settled >= waiter.goal) waiter.end()
    }
    this.#sending = false
  }
}

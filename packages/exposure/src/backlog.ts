import { type Clock, monotonic, type Timers } from './clock.ts'
import type { PendingBatch } from './queue.ts'
import type { EventKind, Rejection } from './sink.ts'
import type { BesideSpool, Spool, SpoolDamage, SpooledBatch, SpoolRecovery, SpoolStatus } from './spool.ts'

export interface BacklogPorts {
  readonly spool: Spool
  readonly clock: Clock
  readonly timers: Timers
  /** How much of what is in the spool is held in memory too, for a sink that keeps up. */
  readonly windowBytes: number
  readonly beside: () => BesideSpool
  /** Told once, before anything is appended. */
  readonly onOpened: (recovery: SpoolRecovery) => void
  /** Told a while after each failure: time to try again. */
  readonly onRespite: () => void
}

/** A batch in the spool, with what memory still knows of it. */
export interface KeptBatch {
  readonly batch: SpooledBatch | SpoolDamage
  readonly scopes?: PendingBatch['scopes']
}

/** That the spool fails now, and since when by the monotonic clock. */
export interface SpoolFailure {
  readonly since: number
  readonly cause: unknown
}

/** After a failure the spool is left alone for so long. */
const RESPITE_MS = 1_000

/**
 * The spool as a recorder uses it: what it fails at is noted and tried again later, and what it has just taken is
 * handed on from memory.
 */
export class Backlog {
  readonly #ports: BacklogPorts
  /** The oldest unsettled batches, while there is room for them in memory. */
  readonly #window: { batch: SpooledBatch; scopes: PendingBatch['scopes'] }[] = []
  #windowBytes = 0
  readonly #failures = new Map<'open' | 'append' | 'read' | 'settle', SpoolFailure>()
  #isResting = false
  #recovery: SpoolRecovery | undefined
  #position = 0
  #settled = 0
  #isClosed = false
  #opening: Promise<void> | undefined

  constructor(ports: BacklogPorts) {
    this.#ports = ports
  }

  /** What it fails at now: of several, what it has failed at for the longest time. */
  get failure(): SpoolFailure | undefined {
    return [...this.#failures.values()].toSorted((a, b) => a.since - b.since)[0]
  }

  /** Of what was appended last, by whomever. */
  get position(): number {
    return this.#position
  }

  /** Of what was settled last. */
  get settled(): number {
    return this.#settled
  }

  get status(): SpoolStatus | undefined {
    return this.#recovery && this.#ports.spool.status()
  }

  /** Whether a batch at this position was written by an earlier process. */
  isEarlier(position: number): boolean {
    return position <= (this.#recovery?.position ?? 0)
  }

  /** Memory alone is the limit while the spool fails. */
  hasRoom(kind: EventKind, bytes: number, queuedBytes: number): boolean {
    if (this.#recovery === undefined || this.#failures.has('append')) return true
    return this.#ports.spool.hasRoom(kind, bytes, queuedBytes)
  }

  /** Rejects with what the spool says; opens once only. */
  open(): Promise<void> {
    return (this.#opening ??= this.#open())
  }

  /** @returns whether the spool has it */
  async append(batch: PendingBatch): Promise<boolean> {
    if (this.#isClosed) return false
    if (this.#isResting && (this.#recovery === undefined || this.#failures.has('append'))) return false
    try {
      await this.open()
    } catch {
      return false
    }
    const { spool, beside, windowBytes } = this.#ports
    const isNext = spool.status().batches === this.#window.length
    const position = await this.#note('append', () => spool.append(batch, beside()))
    if (position === undefined) return false
    this.#position = position
    if (isNext && this.#windowBytes + batch.content.length <= windowBytes) {
      const { content, count, kinds, unitIds, scopes } = batch
      this.#window.push({ batch: { content, count, kinds, unitIds, position }, scopes })
      this.#windowBytes += content.length
    }
    return true
  }

  /** The batch behind the oldest one, where memory has it. */
  get second(): SpooledBatch | undefined {
    return this.#window[1]?.batch
  }

  /** The oldest batch that is not settled; undefined where there is none, or it cannot be read now. */
  async next(): Promise<KeptBatch | undefined> {
    if (this.#isClosed) return undefined
    const [first] = this.#window
    if (first !== undefined || this.#recovery === undefined) return first
    const batch = await this.#note('read', () => this.#ports.spool.oldest())
    return batch && { batch }
  }

  /** Where the spool fails at it, the batch is settled in memory all the same: only a crash brings it again. */
  async settle(batch: SpooledBatch | SpoolDamage, rejected: readonly Rejection[]): Promise<void> {
    this.#settled = batch.position
    if (this.#window[0]?.batch.position === batch.position) {
      this.#windowBytes -= this.#window.shift()!.batch.content.length
    }
    await this.#note('settle', () => this.#ports.spool.settle(batch, rejected, this.#ports.beside()))
  }

  async close(): Promise<void> {
    await this.#opening?.catch(() => undefined)
    this.#isClosed = true
    if (this.#recovery === undefined) return
    await this.#note('settle', () => this.#ports.spool.close(this.#ports.beside()))
  }

  async #open(): Promise<void> {
    try {
      const recovery = await this.#ports.spool.open()
      this.#failures.delete('open')
      this.#recovery = recovery
      this.#position = recovery.position
      if (this.#ports.spool.status().batches === 0) this.#settled = recovery.position
      this.#ports.onOpened(recovery)
    } catch (cause) {
      this.#opening = undefined
      this.#fail('open', cause)
      throw cause
    }
  }

  /** Undefined where the work failed; that is noted until the same work succeeds. */
  async #note<T>(name: 'append' | 'read' | 'settle', work: () => Promise<T>): Promise<T | undefined> {
    try {
      const value = await work()
      this.#failures.delete(name)
      return value
    } catch (cause) {
      this.#fail(name, cause)
      return undefined
    }
  }

  #fail(name: 'open' | 'append' | 'read' | 'settle', cause: unknown): void {
    const { clock, timers, onRespite } = this.#ports
    this.#failures.set(name, { since: this.#failures.get(name)?.since ?? monotonic(clock), cause })
    if (this.#isResting || this.#isClosed) return
    this.#isResting = true
    const rested = () => {
      this.#isResting = false
      if (!this.#isClosed) onRespite()
    }
    timers.start(rested, RESPITE_MS, false)
  }
}

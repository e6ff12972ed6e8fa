import { join } from 'node:path'
import { ExperimentError } from '@fairtrial/protocol/error'
import { OUTCOME_SHARE } from '../queue.ts'
import type { EventBatch, EventKind, Rejection } from '../sink.ts'
import type {
  BesideSpool,
  EventCounts,
  SpoolDamage,
  SpooledBatch,
  SpoolRecovery,
  SpoolStatus,
} from '../spool.ts'
import { carriedAccount, type SettledCounts } from './carried.ts'
import { DeadLetters } from './dead-letters.ts'
import { EntryQueue } from './entry-queue.ts'
import { add, countKinds, subtract, total } from './event-counts.ts'
import { ProgressFile } from './progress-file.ts'
import { type RecoveredSpool, recoverSpool } from './recover-spool.ts'
import { SegmentWriter } from './segment-writer.ts'
import type { SpoolFiles } from './spool-files.ts'
import { type SpoolLock, takeLock } from './spool-lock.ts'
import { readRecord, writeRecord } from './spool-record.ts'
import type { Segment } from './spool-segment.ts'

const SEGMENT_BYTES = 8_000_000
const SYNC_INTERVAL_MS = 1_000
/** A record has its head, and each line its unit id, beside the line. */
const HEAD_BYTES = 1_024
const LINE_SHARE = 1.125

/** What a spool is opened with. */
export interface SpoolSettings {
  readonly directory: string
  readonly maximumBytes: number
  readonly sync: 'always' | 'interval' | 'never'
  readonly maximumRejectedBytes: number
  readonly files: SpoolFiles
}

/** A spool that this process owns. */
export class OpenSpool {
  readonly recovery: SpoolRecovery
  readonly #settings: SpoolSettings
  readonly #lock: SpoolLock
  readonly #progress: ProgressFile
  readonly #deadLetters: DeadLetters
  readonly #writer: SegmentWriter
  /** Of those that are full. */
  #segments: Segment[]
  #fullBytes: number
  readonly #entries: EntryQueue
  #position: number
  #settledTo: number
  #appended: EventCounts
  #settled: SettledCounts
  #events: number
  #appending: Promise<unknown> = Promise.resolve()

  static async open(settings: SpoolSettings): Promise<OpenSpool> {
    const { files, directory } = settings
    await files.mkdir(directory)
    const lock = await takeLock(files, directory)
    try {
      const { file, latest } = await ProgressFile.open(files, join(directory, 'progress'))
      try {
        const spool = new OpenSpool(
          settings,
          lock,
          file,
          await recoverSpool(files, directory, latest),
          latest !== null,
        )
        await spool.#removeSettled()
        return spool
      } catch (cause) {
        await file.close()
        throw cause
      }
    } catch (cause) {
      await lock.release().catch(() => undefined)
      throw cause
    }
  }

  constructor(
    settings: SpoolSettings,
    lock: SpoolLock,
    progress: ProgressFile,
    recovered: RecoveredSpool,
    isKnown: boolean,
  ) {
    const { segments, entries, position, settledTo, appended, settled, beside, tornBytes } = recovered
    this.#settings = settings
    this.#lock = lock
    this.#progress = progress
    this.#deadLetters = new DeadLetters(settings.files, settings.directory, settings.maximumRejectedBytes)
    this.#segments = segments
    this.#fullBytes = sizeOf(segments)
    this.#entries = new EntryQueue(entries)
    this.#position = position
    this.#settledTo = settledTo
    this.#appended = appended
    this.#settled = settled
    this.#events = entries.reduce((sum, { counts }) => sum + total(counts), 0)
    this.#writer = new SegmentWriter({
      files: settings.files,
      directory: settings.directory,
      isSynced: settings.sync === 'always',
      maximumBytes: Math.min(SEGMENT_BYTES, settings.maximumBytes / 8),
      lastNumber: segments.at(-1)?.number ?? 0,
      onFull: (segment) => {
        this.#segments.push(segment)
        this.#fullBytes += segment.bytes
      },
      syncAfterMs: settings.sync === 'interval' ? SYNC_INTERVAL_MS : undefined,
    })
    this.recovery = {
      account: isKnown || position > 0 ? carriedAccount(beside, appended, settled) : null,
      beside,
      position,
      tornBytes,
    }
  }

  hasRoom(kind: EventKind, bytes: number, queuedBytes: number): boolean {
    const share = kind === 'exposure' ? 1 : OUTCOME_SHARE
    const wanted = (queuedBytes + bytes) * LINE_SHARE + HEAD_BYTES
    return this.#bytes() + wanted <= this.#settings.maximumBytes * share
  }

  append(batch: EventBatch, beside: BesideSpool): Promise<number> {
    const appending = this.#append(batch, beside)
    this.#appending = appending.catch(() => undefined)
    return appending
  }

  async #append(batch: EventBatch, beside: BesideSpool): Promise<number> {
    if (this.#lock.failure !== undefined) throw this.#lock.failure
    const position = this.#position + 1
    const counts = countKinds(batch.kinds)
    const appended = add(this.#appended, counts)
    try {
      const { segment, offset, length } = await this.#writer.write(
        writeRecord(batch, { position, appended, beside }),
      )
      this.#position = position
      this.#appended = appended
      this.#events += batch.count
      segment.unsettled++
      this.#entries.push({ position, counts, segment, offset, length })
      return position
    } catch (cause) {
      throw failed(this.#settings.directory, 'written', cause)
    }
  }

  async oldest(): Promise<SpooledBatch | SpoolDamage | undefined> {
    const entry = this.#entries.first
    if (entry === undefined) return undefined
    if (entry.segment === undefined) return { position: entry.position, damaged: entry.counts }
    const bytes = Buffer.allocUnsafe(entry.length)
    let read = 0
    try {
      const file = await this.#settings.files.open(entry.segment.path, 'r')
      try {
        read = (await file.read(bytes, 0, bytes.length, entry.offset)).bytesRead
      } finally {
        await file.close()
      }
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') {
        throw failed(this.#settings.directory, 'read', cause)
      }
    }
    // Whole when it was scanned or written: what cannot be read now never will be.
    return readRecord(bytes.subarray(0, read)) ?? { position: entry.position, damaged: entry.counts }
  }

  async settle(
    batch: SpooledBatch | SpoolDamage,
    rejected: readonly Rejection[],
    beside: BesideSpool,
  ): Promise<void> {
    const entry = this.#entries.shift()
    if (entry?.position !== batch.position) throw outOfTurn(batch.position, entry?.position)
    this.#events -= total(entry.counts)
    if (entry.segment !== undefined) entry.segment.unsettled--
    this.#settled = settledWith(this.#settled, batch, entry.counts, rejected)
    this.#settledTo = entry.position
    const progress = { position: this.#settledTo, settled: this.#settled, beside }
    try {
      if (rejected.length > 0 && !('damaged' in batch)) {
        await this.#deadLetters.add(batch, rejected, Date.now(), this.#settings.sync === 'always')
      }
      await this.#progress.write(progress)
      await this.#removeSettled()
    } catch (cause) {
      throw failed(this.#settings.directory, 'written', cause)
    }
  }

  status(): SpoolStatus {
    const bytes = this.#bytes()
    return {
      batches: this.#entries.length,
      events: this.#events,
      bytes,
      share: bytes / Math.max(1, this.#settings.maximumBytes),
    }
  }

  async close(beside: BesideSpool): Promise<void> {
    try {
      await this.#appending
      await this.#writer.close()
      await this.#progress.write({ position: this.#settledTo, settled: this.#settled, beside })
      if (this.#settings.sync !== 'never') await this.#progress.sync()
      await this.#removeSettled()
    } finally {
      await this.#progress.close()
      await this.#lock.release()
    }
  }

  #bytes(): number {
    return this.#fullBytes + (this.#writer.segment?.bytes ?? 0)
  }

  async #removeSettled(): Promise<void> {
    const done = this.#segments.filter(({ unsettled }) => unsettled === 0)
    if (done.length === 0) return
    // A segment that is gone, while the progress does not say so, would look like a loss.
    if (this.#settings.sync !== 'never') await this.#progress.sync()
    this.#segments = this.#segments.filter((segment) => !done.includes(segment))
    this.#fullBytes = sizeOf(this.#segments)
    for (const { path } of done) await this.#settings.files.remove(path)
  }
}

function sizeOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, { bytes }) => sum + bytes, 0)
}

function settledWith(
  settled: SettledCounts,
  batch: SpooledBatch | SpoolDamage,
  counts: EventCounts,
  rejected: readonly Rejection[],
): SettledCounts {
  if ('damaged' in batch) return { ...settled, damaged: add(settled.damaged, counts) }
  const refused = countKinds(rejected.map(({ line }) => batch.kinds[line - 1]!))
  return {
    delivered: add(settled.delivered, subtract(counts, refused)),
    rejected: add(settled.rejected, refused),
    damaged: settled.damaged,
  }
}

export function failed(directory: string, done: string, cause: unknown): ExperimentError {
  return new ExperimentError(
    'io',
    `The spool in ${directory} cannot be ${done}: ${cause instanceof Error ? cause.message : String(cause)}.`,
    'Look for space and permissions; it is tried again.',
    { cause },
  )
}

function outOfTurn(position: number, oldest: number | undefined): ExperimentError {
  return new ExperimentError(
    'invalid-argument',
    `Batch ${position} of the spool was settled, though the oldest is ${oldest ?? 'none'}.`,
    'Settle what `oldest` gave, or what was appended, in order.',
  )
}

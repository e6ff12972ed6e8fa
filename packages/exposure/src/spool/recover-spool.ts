import type { BesideSpool, EventCounts } from '../spool.ts'
import { laterOf, NOTHING_BESIDE, NOTHING_SETTLED, type SettledCounts, totalSettled } from './carried.ts'
import { NO_EVENTS, subtract, total } from './event-counts.ts'
import type { Progress } from './progress-file.ts'
import type { SpoolFiles } from './spool-files.ts'
import {
  listSegments,
  type ScannedRecord,
  scanSegment,
  type Segment,
  type SpoolEntry,
} from './spool-segment.ts'

/** What stands in a spool's directory. */
export interface RecoveredSpool {
  readonly segments: Segment[]
  /** Not settled, from the oldest. */
  readonly entries: SpoolEntry[]
  /** Of the last record. */
  readonly position: number
  readonly settledTo: number
  readonly appended: EventCounts
  readonly settled: SettledCounts
  readonly beside: BesideSpool
  readonly tornBytes: number
}

/** Reads all segments, cuts the torn tail of the last, and finds by their numbers which records are missing. */
export async function recoverSpool(
  files: SpoolFiles,
  directory: string,
  progress: Progress | null,
): Promise<RecoveredSpool> {
  const segments = await listSegments(files, directory)
  const { position: settledTo = 0, settled = NOTHING_SETTLED } = progress ?? {}
  const reading = new Reading(settledTo, totalSettled(settled), progress?.beside ?? NOTHING_BESIDE)
  let tornBytes = 0
  for (const segment of segments) {
    const { records, torn } = await scanSegment(files, segment)
    for (const record of records) reading.take(record)
    tornBytes = torn
  }
  const last = segments.at(-1)
  if (last !== undefined && tornBytes > 0) await cutTail(files, last, tornBytes)
  for (const { segment } of reading.entries) if (segment !== undefined) segment.unsettled++
  const { entries, position, appended, beside } = reading
  return { segments, entries, position, settledTo, appended, settled, beside, tornBytes }
}

async function cutTail(files: SpoolFiles, segment: Segment, tornBytes: number): Promise<void> {
  const file = await files.open(segment.path, 'r+')
  try {
    await file.truncate(segment.bytes - tornBytes)
    await file.datasync()
  } finally {
    await file.close()
  }
  segment.bytes -= tornBytes
}

class Reading {
  readonly entries: SpoolEntry[] = []
  /** Of the last record, and all that was appended until then. */
  position: number
  appended: EventCounts
  beside: BesideSpool
  readonly #settledTo: number

  constructor(settledTo: number, settled: EventCounts, beside: BesideSpool) {
    this.#settledTo = settledTo
    this.position = settledTo
    this.appended = settled
    this.beside = beside
  }

  take({ position, appended, counts, beside, segment, offset, length }: ScannedRecord): void {
    this.beside = laterOf(this.beside, beside)
    if (position <= this.#settledTo) return
    if (position <= this.position) this.#supersede(position)
    // Each record knows all that came before it: what of that was not found has been damaged.
    const missing = subtract(subtract(appended, counts), this.appended)
    if (total(missing) > 0) this.entries.push({ position: position - 1, counts: missing, segment: undefined })
    this.entries.push({ position, counts, segment, offset, length })
    this.position = position
    this.appended = appended
  }

  /** A record that could not be synced, nor cut off again, was written once more under the same number. */
  #supersede(position: number): void {
    while ((this.entries.at(-1)?.position ?? 0) >= position) {
      this.appended = subtract(this.appended, this.entries.pop()?.counts ?? NO_EVENTS)
    }
  }
}

import { join } from 'node:path'
import type { EventCounts } from '../spool.ts'
import { findRecord, type RecordHead } from './spool-record.ts'
import type { SpoolFiles } from './spool-files.ts'

/** One file of a spool. */
export interface Segment {
  readonly number: number
  readonly path: string
  bytes: number
  /** How many of its entries are not settled. */
  unsettled: number
}

/** Something in the spool that is not settled. */
export type SpoolEntry =
  | {
      readonly position: number
      readonly counts: EventCounts
      readonly segment: Segment
      readonly offset: number
      readonly length: number
    }
  /** Events that were here, and can be read no more. */
  | { readonly position: number; readonly counts: EventCounts; readonly segment: undefined }

/** A record that was found, and where. */
export interface ScannedRecord extends RecordHead {
  readonly segment: Segment
  readonly offset: number
  readonly length: number
}

const SEGMENT = /^(\d{12})\.spool$/

export function segmentOf(directory: string, number: number): Segment {
  const path = join(directory, `${String(number).padStart(12, '0')}.spool`)
  return { number, path, bytes: 0, unsettled: 0 }
}

/** The segments of a directory, from the oldest. */
export async function listSegments(files: SpoolFiles, directory: string): Promise<Segment[]> {
  const numbers = (await files.readdir(directory)).map((name) => Number(SEGMENT.exec(name)?.[1] ?? 0))
  return numbers
    .filter((number) => number > 0)
    .toSorted((a, b) => a - b)
    .map((number) => segmentOf(directory, number))
}

/** All whole records of a segment; what is broken between them is passed over, and what is broken behind them is `torn`. */
export async function scanSegment(
  files: SpoolFiles,
  segment: Segment,
): Promise<{ records: ScannedRecord[]; torn: number }> {
  const bytes = await files.readFile(segment.path)
  const records: ScannedRecord[] = []
  let end = 0
  for (let found = findRecord(bytes, 0); found !== undefined; found = findRecord(bytes, end)) {
    records.push({ ...found, segment })
    end = found.offset + found.length
  }
  segment.bytes = bytes.length
  return { records, torn: bytes.length - end }
}

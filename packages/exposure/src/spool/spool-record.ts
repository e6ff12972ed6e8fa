import { crc32 } from 'node:zlib'
import type { EventBatch, EventKind } from '../sink.ts'
import type { BesideSpool, EventCounts, SpooledBatch } from '../spool.ts'
import { type BesideJson, besideFromJson, besideToJson } from './carried.ts'
import { countKinds, KINDS, mapKinds } from './event-counts.ts'

// A record is: 4 bytes of magic, the length of the head and of the body and the CRC32 over both lengths, head and
// body, as 32 bit little-endian, then the head (JSON), then the body (NDJSON).

/** Begins with a zero, which stands in no JSON: looking for it finds records only. */
const MAGIC = Buffer.from([0x00, 0x46, 0x54, 0x01])
const PREFIX_BYTES = 16
const LETTERS: { readonly [Kind in EventKind]: string } = { exposure: 'e', outcome: 'o', summary: 's' }

/** What a record says of itself. */
export interface RecordHead {
  readonly position: number
  /** All that was ever appended, with this record. */
  readonly appended: EventCounts
  /** Of this record alone. */
  readonly counts: EventCounts
  readonly beside: BesideSpool
}

/** A record found whole. */
export interface FoundRecord extends RecordHead {
  readonly offset: number
  readonly length: number
}

interface HeadJson {
  readonly position: number
  readonly appended: readonly number[]
  readonly beside: BesideJson
  /** A letter for each line. */
  readonly kinds: string
  readonly unitIds: readonly string[]
}

export function writeRecord(
  batch: EventBatch,
  { position, appended, beside }: Omit<RecordHead, 'counts'>,
): Buffer {
  const json: HeadJson = {
    position,
    appended: KINDS.map((kind) => appended[kind]),
    beside: besideToJson(beside),
    kinds: batch.kinds.map((kind) => LETTERS[kind]).join(''),
    unitIds: batch.unitIds,
  }
  const head = Buffer.from(JSON.stringify(json))
  const record = Buffer.allocUnsafe(PREFIX_BYTES + head.length + batch.content.length)
  MAGIC.copy(record)
  record.writeUInt32LE(head.length, 4)
  record.writeUInt32LE(batch.content.length, 8)
  head.copy(record, PREFIX_BYTES)
  record.set(batch.content, PREFIX_BYTES + head.length)
  record.writeUInt32LE(checksum(record), 12)
  return record
}

/** The first whole record from `offset` on, over whatever is broken; undefined where there is none. */
export function findRecord(bytes: Buffer, from: number): FoundRecord | undefined {
  for (let offset = bytes.indexOf(MAGIC, from); offset >= 0; offset = bytes.indexOf(MAGIC, offset + 1)) {
    const record = recordAt(bytes, offset)
    const json = record && headOf(record)
    if (record !== undefined && json !== undefined) {
      const { position, appended, beside } = json
      return {
        offset,
        length: record.length,
        position,
        appended: mapKinds((kind) => appended[KINDS.indexOf(kind)]!),
        counts: countKinds(kindsOf(json)),
        beside: besideFromJson(beside),
      }
    }
  }
  return undefined
}

/** The batch of a record, given its bytes; undefined where they are broken. */
export function readRecord(bytes: Buffer): SpooledBatch | undefined {
  const record = recordAt(bytes, 0)
  const json = record && headOf(record)
  if (record === undefined || json === undefined) return undefined
  return {
    position: json.position,
    content: record.subarray(PREFIX_BYTES + record.readUInt32LE(4)),
    count: json.kinds.length,
    kinds: kindsOf(json),
    unitIds: json.unitIds,
  }
}

function recordAt(bytes: Buffer, offset: number): Buffer | undefined {
  if (offset + PREFIX_BYTES > bytes.length) return undefined
  const end = offset + PREFIX_BYTES + bytes.readUInt32LE(offset + 4) + bytes.readUInt32LE(offset + 8)
  if (end > bytes.length) return undefined
  const record = bytes.subarray(offset, end)
  return record.readUInt32LE(12) === checksum(record) ? record : undefined
}

function checksum(record: Buffer): number {
  return crc32(record.subarray(PREFIX_BYTES), crc32(record.subarray(4, 12)))
}

/** Undefined where a head reads well and says nothing that we understand: it was written by a later version. */
function headOf(record: Buffer): HeadJson | undefined {
  try {
    const json: HeadJson = JSON.parse(
      record.toString('utf8', PREFIX_BYTES, PREFIX_BYTES + record.readUInt32LE(4)),
    )
    const isWhole =
      Number.isSafeInteger(json.position) &&
      json.appended.length === KINDS.length &&
      json.beside.length === KINDS.length &&
      json.kinds.length === json.unitIds.length
    return isWhole ? json : undefined
  } catch {
    return undefined
  }
}

function kindsOf({ kinds }: HeadJson): EventKind[] {
  return [...kinds].map((letter) => KINDS.find((kind) => LETTERS[kind] === letter)!)
}

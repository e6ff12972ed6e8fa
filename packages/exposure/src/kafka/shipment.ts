import { isAscii, isUtf8 } from 'node:buffer'
import type { DeliveryResult, EventBatch, EventKind, Rejection } from '../sink.ts'
import { headersOf } from './cloud-event.ts'
import type { OutgoingRecord, PartitionCounts, PartitionRecords } from './kafka-producer.ts'
import { fieldsOf } from './line-fields.ts'
import { partitionOf } from './partition-of.ts'

/** The lines of a batch that go to one partition. */
export interface Shipment extends PartitionRecords {
  readonly records: OutgoingRecord[]
  /** Where each of them stands in the batch; 1 for the first. */
  readonly lines: number[]
}

/** A batch, sorted by where its lines go; and what is not sent at all. */
export interface SortedBatch {
  readonly shipments: readonly Shipment[]
  readonly rejected: DeliveryResult['rejected']
}

/** Sorts the lines of a batch by partition, in the order in which they stand there. */
export function sortByPartition(
  { content, count, kinds, unitIds }: EventBatch,
  topics: Readonly<Record<EventKind, string>>,
  partitions: PartitionCounts,
  maximumRecordBytes: number,
): SortedBatch {
  const values = valuesOf(Buffer.from(content.buffer, content.byteOffset, content.byteLength))
  const shipments = new Map<string, Shipment[]>()
  const rejected: Rejection[] = []
  for (let line = 1; line <= count; line++) {
    const value = values[line - 1] ?? ''
    const topic = topics[kinds[line - 1]!]
    const unitId = unitIds[line - 1]!
    const key = Buffer.from(unitId)
    const size = key.length + Buffer.byteLength(value)
    if (size > maximumRecordBytes) {
      rejected.push(tooLarge(line, size, maximumRecordBytes))
    } else {
      const headers = headersOf(fieldsOf(value.toString()), unitId)
      const shipment = shipmentFor(shipments, topic, partitionOf(key, partitions[topic]!))
      shipment.records.push({ key, value, headers })
      shipment.lines.push(line)
    }
  }
  return {
    shipments: [...shipments.values()].flatMap((byPartition) => byPartition.filter(Boolean)),
    rejected,
  }
}

/** Cuts shipments in two, by partition as long as there are several; undefined for one of a single record. */
export function halved(shipments: readonly Shipment[]): readonly [Shipment[], Shipment[]] | undefined {
  const [only] = shipments
  if (shipments.length > 1) {
    const middle = shipments.length >> 1
    return [shipments.slice(0, middle), shipments.slice(middle)]
  }
  if (only === undefined || only.records.length < 2) return undefined
  const middle = only.records.length >> 1
  return [[part(only, 0, middle)], [part(only, middle)]]
}

const LINE_FEED = 0x0a

/**
 * The lines, as texts: that is cheaper than a view of the bytes for each. Bytes that are no UTF-8 stay bytes, for what is
 * sent is what was written.
 */
function valuesOf(bytes: Buffer): readonly (string | Buffer)[] {
  // Nearly always ASCII, of which latin1 is the quickest reading.
  if (isAscii(bytes)) return bytes.toString('latin1').split('\n')
  if (isUtf8(bytes)) return bytes.toString().split('\n')
  const values: Buffer[] = []
  for (let from = 0; from < bytes.length; ) {
    const found = bytes.indexOf(LINE_FEED, from)
    const end = found < 0 ? bytes.length : found
    values.push(bytes.subarray(from, end))
    from = end + 1
  }
  return values
}

function part(shipment: Shipment, from: number, until?: number): Shipment {
  return {
    ...shipment,
    records: shipment.records.slice(from, until),
    lines: shipment.lines.slice(from, until),
  }
}

function shipmentFor(shipments: Map<string, Shipment[]>, topic: string, partition: number): Shipment {
  let byPartition = shipments.get(topic)
  if (byPartition === undefined) shipments.set(topic, (byPartition = []))
  return (byPartition[partition] ??= { topic, partition, records: [], lines: [] })
}

function tooLarge(line: number, bytes: number, maximum: number): Rejection {
  const detail = `the event has ${bytes} bytes, and maximumRecordBytes is ${maximum}`
  return { line, code: 'too-large', detail }
}

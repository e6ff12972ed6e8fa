import type { LineFields } from './line-fields.ts'

/**
 * The headers of an event: CloudEvents 1.0 in binary mode, beside its schema and its trace context. An instrumentation
 * of the Kafka library that injects a trace context of its own replaces ours; the event's stays in its value.
 */
export function headersOf(fields: LineFields | undefined, unitId: string): Record<string, string> {
  if (fields === undefined) return { 'content-type': 'application/json' }
  const { schema, id, producerId, time, traceparent } = fields
  const headers: Record<string, string> = {
    ce_specversion: '1.0',
    ce_id: id,
    ce_source: producerId,
    ce_type: typeOf(schema),
    ce_partitionkey: unitId,
    'content-type': 'application/json',
    'fairtrial-schema': schema,
  }
  if (time !== undefined) headers.ce_time = timeText(time)
  if (traceparent !== undefined) headers.traceparent = traceparent
  return headers
}

/** `fairtrial.exposure.v1` for `fairtrial.exposure/1`. */
function typeOf(schema: string): string {
  if (schema !== latestSchema) {
    latestSchema = schema
    latestType = schema.replace('/', '.v')
  }
  return latestType
}

/** RFC 3339. Many events share a millisecond, and a date is slow to print. */
function timeText(time: number): string {
  if (time !== latestTime) {
    latestTime = time
    latestTimeText = new Date(time).toISOString()
  }
  return latestTimeText
}

let latestSchema = ''
let latestType = ''
let latestTime = 0
let latestTimeText = '1970-01-01T00:00:00.000Z'

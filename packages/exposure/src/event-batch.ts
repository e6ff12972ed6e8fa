import type { LogEvent } from '@fairtrial/protocol'
import type { EventBatch, EventKind } from './sink.ts'

/** A batch of events that are at hand as objects, for giving them to a sink without a recorder. */
export function batchOf(events: readonly LogEvent[]): EventBatch {
  return {
    content: new TextEncoder().encode(events.map((event) => `${JSON.stringify(event)}\n`).join('')),
    count: events.length,
    kinds: events.map(kindOf),
    unitIds: events.map(keyOf),
  }
}

/** Which kind of event it is. */
export function kindOf({ schema }: LogEvent): EventKind {
  if (schema === 'fairtrial.exposure/1') return 'exposure'
  return schema === 'fairtrial.outcome/1' ? 'outcome' : 'summary'
}

/** By what a partitioned log keeps it: all of a unit in one partition. */
export function keyOf(event: LogEvent): string {
  return 'unitId' in event ? event.unitId : event.producerId
}

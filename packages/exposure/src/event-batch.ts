import type { LogEvent } from '@fairtrial/protocol'
import type { EventBatch } from './sink.ts'

/** A batch of events that are at hand as objects, for giving them to a sink without a recorder. */
export function batchOf(events: readonly LogEvent[]): EventBatch {
  return {
    content: new TextEncoder().encode(events.map((event) => `${JSON.stringify(event)}\n`).join('')),
    count: events.length,
    kinds: events.map(({ schema }) => (schema === 'fairtrial.exposure/1' ? 'exposure' : 'outcome')),
    unitIds: events.map(({ unitId }) => unitId),
  }
}

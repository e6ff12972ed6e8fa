import type { LogEvent } from '@fairtrial/protocol'
import { utf8Length } from './event-lines.ts'
import type { EventBatch } from './sink.ts'

/** A batch of events that are at hand as objects, for giving them to a sink without a recorder. */
export function batchOf(events: readonly LogEvent[]): EventBatch {
  const text = events.map((event) => `${JSON.stringify(event)}\n`).join('')
  return {
    text,
    count: events.length,
    bytes: utf8Length(text),
    kinds: events.map(({ schema }) => (schema === 'fairtrial.exposure/1' ? 'exposure' : 'outcome')),
    unitIds: events.map(({ unitId }) => unitId),
  }
}

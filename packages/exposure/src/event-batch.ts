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

/** The batch in two, line by line the same. Of a batch of at least two lines. */
export function halvesOf(batch: EventBatch): readonly [EventBatch, EventBatch] {
  const middle = batch.count >> 1
  let cut = 0
  for (let line = 0; line < middle; line++) cut = batch.content.indexOf(LINE_FEED, cut) + 1
  const part = (content: Uint8Array, from: number, to: number) => ({
    content,
    count: to - from,
    kinds: batch.kinds.slice(from, to),
    unitIds: batch.unitIds.slice(from, to),
  })
  return [
    part(batch.content.subarray(0, cut), 0, middle),
    part(batch.content.subarray(cut), middle, batch.count),
  ]
}

const LINE_FEED = 0x0a

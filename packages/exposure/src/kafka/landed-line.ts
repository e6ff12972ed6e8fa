import type { KafkaLoss } from './kafka-portion.ts'
import type { StoredRecord } from './kafka-reader.ts'
import type { PoisonReason, ReadRecord } from './read-record.ts'

/** Which partition lines come from. */
export interface Origin {
  readonly topic: string
  readonly partition: number
}

/**
 * An event as it lands in a file: as it was written, with the time at which it was received, and with where it came
 * from, so that the position is stored by the very write that stores the event.
 */
export function landedLine(
  origin: Origin,
  { offset, timestamp }: StoredRecord,
  { event, text }: Extract<ReadRecord, { poison?: undefined }>,
): string {
  const source = `"kafka":${sourceOf(origin, offset)}}\n`
  // Written by hand, over several lines, or with fields of ours in it: written anew.
  if (/[\n\r]|[^}]$/.test(text) || 'receivedAt' in event || 'kafka' in event) {
    const { kafka: _, ...rest } = { kafka: undefined, ...event, receivedAt: timestamp }
    return `${JSON.stringify(rest).slice(0, -1)},${source}`
  }
  return `${text.slice(0, -1)},"receivedAt":${timestamp},${source}`
}

/** What stands in the place of a record that is no event: a reader counts it as an unreadable line. */
export function poisonLine(
  origin: Origin,
  { offset, timestamp, value }: StoredRecord,
  reason: PoisonReason,
  isDeadLettered: boolean,
): string {
  const told = { reason, bytes: value?.length ?? 0, deadLetter: isDeadLettered, receivedAt: timestamp }
  return `{"poison":${JSON.stringify(told)},"kafka":${sourceOf(origin, offset)}}\n`
}

/** What stands in the place of records that were deleted before they were read: one more unreadable line. */
export function lossLine({ from, until, ...origin }: KafkaLoss): string {
  return `{"lost":{"from":${from},"until":${until}},"kafka":${sourceOf(origin, until - 1)}}\n`
}

function sourceOf({ topic, partition }: Origin, offset: number): string {
  return `{"topic":${JSON.stringify(topic)},"partition":${partition},"offset":${offset}}`
}

/** The offset that a line of a file ends at: undefined where it is no line of ours. */
export function offsetOf(line: string, { topic, partition }: Origin): number | undefined {
  try {
    const { kafka } = JSON.parse(line) as { kafka?: Partial<Origin & { offset: unknown }> }
    const isOurs =
      kafka?.topic === topic && kafka.partition === partition && Number.isSafeInteger(kafka.offset)
    return isOurs ? (kafka.offset as number) : undefined
  } catch {
    return undefined
  }
}

import type { LogEvent, UnitEvent } from '@fairtrial/protocol'
import { parseLogEvent } from '@fairtrial/protocol/parse-event'

/**
 * Whether a parsed line is an event as far as a reader relies on it: its schema, who wrote it, whom it
 * concerns, when, and the form of what is looked into. The full schema is checked where events enter a log, not each
 * time they are read; only of sums, of which there are few, it is checked here too.
 */
export function isLogEvent(value: unknown): value is LogEvent {
  const event = value as Partial<UnitEvent> | null
  if (typeof event !== 'object' || event === null) return false
  if (typeof event.producerId !== 'string' || typeof event.sequence !== 'number') return false
  if (typeof event.unitId !== 'string') return parseLogEvent(value).ok
  if (event.schema === 'fairtrial.exposure/1') {
    return (
      typeof event.exposureId === 'string' &&
      typeof event.experiment === 'string' &&
      typeof event.variant === 'string' &&
      typeof event.exposedAt === 'number' &&
      (event.context === undefined || parseLogEvent(value).ok)
    )
  }
  return (
    event.schema === 'fairtrial.outcome/1' &&
    typeof event.outcomeId === 'string' &&
    typeof event.name === 'string' &&
    typeof event.value === 'number' &&
    typeof event.occurredAt === 'number'
  )
}

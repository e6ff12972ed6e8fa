import type { LogEvent } from '@fairtrial/protocol'

/**
 * Whether a parsed line is an event as far as a reader relies on it: its schema, who wrote it, whom it
 * concerns, when. The full schema is checked where events enter a log, not each time they are read.
 */
export function isLogEvent(value: unknown): value is LogEvent {
  const event = value as Partial<LogEvent> | null
  if (typeof event !== 'object' || event === null) return false
  if (typeof event.unitId !== 'string' || typeof event.producerId !== 'string') return false
  if (typeof event.sequence !== 'number') return false
  if (event.schema === 'fairtrial.exposure/1') {
    return (
      typeof event.exposureId === 'string' &&
      typeof event.experiment === 'string' &&
      typeof event.variant === 'string' &&
      typeof event.exposedAt === 'number'
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

import type { LogEvent, UnitEvent } from '@fairtrial/protocol'

/**
 * Whether a parsed line is an event as far as a reader relies on it: its schema, who wrote it, whom it
 * concerns, when. The full schema is checked where events enter a log, not each time they are read.
 */
export function isLogEvent(value: unknown): value is LogEvent {
  const event = value as Partial<UnitEvent> | null
  if (typeof event !== 'object' || event === null) return false
  if (typeof event.producerId !== 'string' || typeof event.sequence !== 'number') return false
  if (SUMMARIES.has(event.schema)) return true
  if (typeof event.unitId !== 'string') return false
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

const SUMMARIES: ReadonlySet<unknown> = new Set<LogEvent['schema']>([
  'fairtrial.measurement/1',
  'fairtrial.producer/1',
])

import type { LogEvent } from '@fairtrial/protocol'
import { printable } from './printable.ts'

/** An event for people, in one line: when, by whom, what. Nothing of a unit but its id. */
export function eventLine(event: LogEvent): string {
  return [isoTime(timeOf(event)), printable(event.producerId), ...wordsOf(event)].join('  ')
}

/** When it happened, by the producer's clock: epoch milliseconds. */
function timeOf(event: LogEvent): number {
  if (event.schema === 'fairtrial.exposure/1') return event.exposedAt
  if (event.schema === 'fairtrial.outcome/1') return event.occurredAt
  return event.schema === 'fairtrial.measurement/1' ? event.until : event.reportedAt
}

function wordsOf(event: LogEvent): string[] {
  if (event.schema === 'fairtrial.exposure/1') {
    const { experiment, variant, unitType, unitId, reason } = event
    const forced = reason === 'overridden' ? ['overridden'] : []
    return ['exposure', printable(`${experiment}/${variant}`), printable(`${unitType} ${unitId}`), ...forced]
  }
  if (event.schema === 'fairtrial.outcome/1') {
    const { name, value, unitType, unitId } = event
    return ['outcome', printable(`${name}=${value}`), printable(`${unitType} ${unitId}`)]
  }
  if (event.schema === 'fairtrial.measurement/1') {
    const { experiment, variant, name, clusters } = event
    const count = clusters.reduce((sum, { n }) => sum + n, 0)
    return ['measurement', printable(`${experiment}/${variant}`), printable(`${name}, ${count} observations`)]
  }
  const { offered, delivered, deduplicated, pending, isFinal } = event
  const told = `offered ${offered}, delivered ${delivered}, deduplicated ${deduplicated}, pending ${pending}`
  return ['producer', isFinal ? `${told}, closed` : told]
}

/** A time that no date has stands as it is: it is what one looks for. */
function isoTime(time: number): string {
  return Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : String(time)
}

/**
 * What may be printed of an event: its known fields, and of its context the features that the recorder's allow-list
 * let through. Not an outcome's properties, nor anything that somebody else has added.
 */
export function publicPart(event: LogEvent): object {
  const { schema } = event
  const fields: Record<string, unknown> = { ...event }
  const known =
    schema === 'fairtrial.exposure/1' ? EXPOSURE : schema === 'fairtrial.outcome/1' ? OUTCOME : SUMMARY
  if (event.schema === 'fairtrial.exposure/1' && event.context !== undefined) {
    const { schemaVersion, features } = event.context
    fields['context'] = { schemaVersion, features }
  }
  return Object.fromEntries(
    known.filter((name) => fields[name] !== undefined).map((name) => [name, fields[name]]),
  )
}

const PRODUCED = ['schema', 'producerId', 'sequence', 'sdk', 'receivedAt', 'traceparent', 'kafka']
const TRIAL = ['experiment', 'fingerprint', 'phase', 'revision', 'unitType', 'variant']
const ARM = ['unitId', 'bucket', 'seed', 'propensity', 'reason', 'assignedAs', 'armSequence', 'trigger']
const TREATMENT = ['exposureId', 'treatmentVersion', 'modelVersion', 'exposedAt', 'context']
const ACCOUNT = [
  'reportedAt',
  'isFinal',
  'offered',
  'delivered',
  'deduplicated',
  'dropped',
  'pending',
  'arms',
]
const EXPOSURE = [...PRODUCED, ...TRIAL, ...ARM, ...TREATMENT]
const OUTCOME = [...PRODUCED, 'outcomeId', 'name', 'unitType', 'unitId', 'value', 'occurredAt']
const SUMMARY = [...PRODUCED, ...TRIAL, 'name', 'from', 'until', 'accuracy', 'clusters', ...ACCOUNT]

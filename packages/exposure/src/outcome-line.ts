import type { JsonObject } from '@fairtrial/protocol'

/** Something that happened to a unit, to be recorded. */
export interface Outcome {
  readonly name: string
  readonly unitType: string
  readonly unitId: string
  /** A finite number. Default 1: it happened. */
  readonly value?: number
  /** Epoch milliseconds. Default: now. */
  readonly occurredAt?: number
  /** Names this one happening. Default: made of the producer and the sequence number. */
  readonly outcomeId?: string
  readonly properties?: JsonObject
  /** Whether the unit lets it be recorded; it is not written. Told and not `true`, nothing is. */
  readonly consent?: boolean | undefined
}

/**
 * Undefined where a field cannot be written; throws where the properties are not JSON.
 *
 * @param details JSON members, each with a comma before it
 */
export function writeOutcome(
  outcome: Outcome & { readonly outcomeId: string; readonly occurredAt: number },
  producer: string,
  sequence: number,
  details = '',
): Uint8Array | undefined {
  const { outcomeId, name, unitType, unitId, value = 1, occurredAt, properties } = outcome
  if (![outcomeId, name, unitType, unitId].every((text) => typeof text === 'string' && text !== ''))
    return undefined
  if (!Number.isFinite(value) || !Number.isFinite(occurredAt)) return undefined
  const fields = { outcomeId, name, unitType, unitId, value, occurredAt, sequence, properties }
  return encoder.encode(
    `{"schema":"fairtrial.outcome/1",${producer}${details},${JSON.stringify(fields).slice(1)}\n`,
  )
}

/** The fields that are the same in every line of one writer. */
export function producerFields(producerId: string, sdk: string): string {
  return `"producerId":${JSON.stringify(producerId)},"sdk":${JSON.stringify(sdk)}`
}

const encoder = new TextEncoder()

import type { MeasurementEvent, Produced } from '@fairtrial/protocol'

/** What a service measured of one arm, to be recorded: the event without what the recorder adds to it. */
export type Measurement = Omit<MeasurementEvent, keyof Produced | 'schema' | 'receivedAt'>

/** Undefined where a field cannot be written; throws where the measurement is not JSON. */
export function writeMeasurement(
  measurement: Measurement,
  producer: string,
  sequence: number,
): Uint8Array | undefined {
  const { experiment, fingerprint, phase, revision, unitType, variant, name } = measurement
  const { from, until, accuracy, clusters } = measurement
  const texts = [experiment, fingerprint, unitType, variant, name]
  const numbers = [phase, revision, from, until, accuracy]
  if (!texts.every((text) => typeof text === 'string' && text !== '')) return undefined
  if (!numbers.every(Number.isFinite) || !Array.isArray(clusters) || clusters.length === 0) return undefined
  const fields = {
    experiment,
    fingerprint,
    phase,
    revision,
    unitType,
    variant,
    name,
    from,
    until,
    accuracy,
    clusters,
    sequence,
  }
  return encoder.encode(
    `{"schema":"fairtrial.measurement/1",${producer},${JSON.stringify(fields).slice(1)}\n`,
  )
}

const encoder = new TextEncoder()

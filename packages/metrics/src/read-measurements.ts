import type { MeasurementEvent } from '@fairtrial/protocol'

/** Which measurements have been read: by producer and number, a checksum of what was measured. */
export interface ReadMeasurements {
  readonly first: Map<string, Map<number, number>>
  /** Those that bear the number of another one: two writers that call themselves alike. */
  readonly others: Set<string>
}

export function createReadMeasurements(): ReadMeasurements {
  return { first: new Map(), others: new Set() }
}

/**
 * Notes a measurement. What is delivered again has the number and the content of what was there; another content under
 * the same number is another measurement, whose requests nobody else has counted.
 *
 * @returns whether it is there for the first time
 */
export function noteMeasurement(read: ReadMeasurements, event: MeasurementEvent): boolean {
  const { producerId, sequence } = event
  const checksum = checksumOf(event)
  let byNumber = read.first.get(producerId)
  if (byNumber === undefined) read.first.set(producerId, (byNumber = new Map()))
  const known = byNumber.get(sequence)
  if (known === undefined) {
    byNumber.set(sequence, checksum)
    return true
  }
  const other = `${sequence} ${checksum} ${producerId}`
  if (known === checksum || read.others.has(other)) return false
  read.others.add(other)
  return true
}

/** FNV-1a, 32 bits, of what the producer wrote: not of when it was received. It only tells apart what shares a number. */
function checksumOf({ name, variant, from, until, clusters }: MeasurementEvent): number {
  const sums = clusters.map(({ cluster, n, mean, m2 }) => [cluster, n, mean, m2])
  const text = JSON.stringify([name, variant, from, until, sums])
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash
}

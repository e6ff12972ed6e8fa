/** A segment is one file of a log: `PRODUCER.000001.ndjson`, the next one of the producer `…000002…`. */
export function segmentName(producerId: string, number: number): string {
  return `${producerId}.${String(number).padStart(6, '0')}${SEGMENT_SUFFIX}`
}

/** The number in a segment's name; undefined where the name is not one of the producer's. */
export function segmentNumber(producerId: string, name: string): number | undefined {
  if (!name.startsWith(`${producerId}.`) || !name.endsWith(SEGMENT_SUFFIX)) return undefined
  const digits = name.slice(producerId.length + 1, -SEGMENT_SUFFIX.length)
  return /^\d{6,}$/.test(digits) ? Number(digits) : undefined
}

/** What the segments of one writer have in common: all of the name but the number. A file that has none is alone. */
export function seriesOf(name: string): string {
  return name.replace(/\.\d{6,}\.ndjson$/, '')
}

export const SEGMENT_SUFFIX = '.ndjson'

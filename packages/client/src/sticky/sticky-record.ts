/** What is remembered of a unit: not its arm but what the arm was computed from, so that it can be computed again. */
export interface StickyRecord {
  readonly schema: 'fairtrial.sticky/1'
  /** The id that the arm was computed from. */
  readonly assignedAs: string
  readonly phase: number
  readonly fingerprint: string
  readonly variant: string
  /** The policy's `version` when it was written. */
  readonly version: number
}

/** Longer than any record can be: unit ids have at most 1,024 bytes unless told otherwise. */
const MAXIMUM_LENGTH = 16_384

/** Undefined for what is no record. */
export function parseStickyRecord(text: string): StickyRecord | undefined {
  if (text.length > MAXIMUM_LENGTH) return undefined
  try {
    const record = JSON.parse(text) as StickyRecord
    const { schema, assignedAs, phase, fingerprint, variant, version } = record
    const texts: unknown[] = [assignedAs, fingerprint, variant]
    const isRecord =
      schema === 'fairtrial.sticky/1' &&
      texts.every((text) => typeof text === 'string' && text !== '') &&
      Number.isInteger(phase) &&
      Number.isInteger(version)
    return isRecord ? record : undefined
  } catch {
    return undefined
  }
}

import { latin1View } from './hash.ts'

/** The bytes of an id, a unit each; empty where the id is not usable. The cost is bounded by `maximumBytes`. */
export function bytesOfUnitId(unitId: unknown, maximumBytes: number): string {
  if (typeof unitId !== 'string' || unitId.length > maximumBytes) return ''
  const bytes = latin1View(unitId)
  return bytes.length > maximumBytes ? '' : bytes
}

/** Why an id without usable bytes is not usable. */
export function faultOfUnitId(unitId: unknown): 'no-unit-id' | 'invalid-unit-id' {
  return unitId === undefined || unitId === null || unitId === '' ? 'no-unit-id' : 'invalid-unit-id'
}

/** A safe integer as its decimal text, anything else as it is. */
export function numberToText(unitId: unknown): unknown {
  return Number.isSafeInteger(unitId) ? String(unitId) : unitId
}

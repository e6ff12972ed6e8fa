/** Which keys the unit ids of a phase were made with. */
export interface KeyTrace {
  /** Units by the key's fingerprint; of ids that are no pseudonyms, under the empty text. */
  readonly units: Map<string, number>
}

const PSEUDONYM = /^~([\w-]{6})\.[\w-]{22}$/
/** Keys that are told apart: whoever has more has no key. */
const MAXIMUM_KEYS = 100

export function createKeyTrace(): KeyTrace {
  return { units: new Map() }
}

export function traceKey({ units }: KeyTrace, unitId: string): void {
  const key = unitId.startsWith('~') ? (PSEUDONYM.exec(unitId)?.[1] ?? '') : ''
  if (units.size >= MAXIMUM_KEYS && !units.has(key)) return
  units.set(key, (units.get(key) ?? 0) + 1)
}

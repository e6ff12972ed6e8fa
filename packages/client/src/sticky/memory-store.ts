import { refuse } from '../refusals.ts'
import type { StickyStore } from './sticky-store.ts'

/**
 * Remembers in this process, for tests and for services of a single one. At `capacity` keys (default 100,000) the one
 * that was not asked for the longest time is forgotten.
 *
 * @throws ExperimentError `invalid-argument` for a capacity below 1
 */
export function memoryStickyStore({ capacity = 100_000 }: { readonly capacity?: number } = {}): StickyStore {
  if (!(capacity >= 1)) refuse('memoryStickyStore.capacity', String(capacity), 'Give a number of 1 or more.')
  const values = new Map<string, string>()
  return {
    async read(key) {
      const value = values.get(key)
      if (value === undefined) return null
      // The order of a map is that of insertion: what is put back in stands last.
      values.delete(key)
      values.set(key, value)
      return value
    },
    async write(key, value, { onlyIfAbsent }) {
      if (onlyIfAbsent && values.has(key)) return false
      values.delete(key)
      values.set(key, value)
      const [oldest] = values.keys()
      if (values.size > capacity && oldest !== undefined) values.delete(oldest)
      return true
    },
  }
}

/** Ids that were seen lately, in bounded memory. */
export interface RecentIds {
  has(id: string): boolean
  add(id: string): void
}

/**
 * Keeps at least the last `capacity / 2` ids, in two generations: the older is dropped whole when the younger
 * is full.
 */
export function createRecentIds(capacity: number): RecentIds {
  let younger = new Set<string>()
  let older = new Set<string>()
  return {
    has: (id) => younger.has(id) || older.has(id),
    add(id) {
      younger.add(id)
      if (younger.size < capacity / 2) return
      older = younger
      younger = new Set()
    },
  }
}

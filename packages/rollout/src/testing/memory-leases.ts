import type { LeaderLease } from '../controller/leader-lease.ts'

/** One lease for replicas within a process, by a clock that the test turns. */
export interface MemoryLeases {
  /** The highest token granted; 0 before the first. */
  readonly token: number
  leaseOf(holder: string): LeaderLease
}

/** A lease that forgets: for tests and demonstrations. */
export function memoryLeases(options: { readonly ttlMs: number; readonly now: () => number }): MemoryLeases {
  const { ttlMs, now } = options
  let token = 0
  let endsAt = 0
  return {
    get token() {
      return token
    },
    leaseOf() {
      let mine = 0
      let mineEndsAt = 0
      const current = () => (mine > 0 && now() < mineEndsAt ? mine : null)
      const renew = async () => {
        const isOurs = mine === token && now() < endsAt
        if (isOurs) mineEndsAt = endsAt = now() + ttlMs
        else mineEndsAt = 0
        return isOurs
      }
      return {
        current,
        renew,
        async acquire() {
          if (current() !== null && (await renew())) return { token }
          if (now() < endsAt) return null
          mine = ++token
          mineEndsAt = endsAt = now() + ttlMs
          return { token }
        },
        async release() {
          if (mine === token) endsAt = 0
          mineEndsAt = 0
        },
      }
    },
  }
}
